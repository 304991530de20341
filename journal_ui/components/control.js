/* A control of Quasar that shows what the user entered; see control.py. */
export default {
  template: `
    <component :is="control" ref="qRef" :model-value="shown" @update:model-value="edit">
      <template v-for="(_, slot) in $slots" v-slot:[slot]="slotProps">
        <slot :name="slot" v-bind="slotProps || {}" />
      </template>
    </component>
  `,
  props: { control: String, value: null, receivedEdits: Number },
  emits: ["edit"],
  data() {
    return { shown: this.value, edits: this.receivedEdits };
  },
  computed: {
    fromServer() {
      return [this.value, this.receivedEdits];
    },
  },
  watch: {
    fromServer([value, receivedEdits]) {
      if (receivedEdits >= this.edits) this.shown = value;
    },
  },
  mounted() {
    document.addEventListener("disconnected", this.repeat);
  },
  unmounted() {
    document.removeEventListener("disconnected", this.repeat);
  },
  methods: {
    edit(value) {
      if (value === this.shown) return; // a mask that formats what the server has sent
      this.shown = value;
      this.edits += 1;
      this.$emit("edit", value, this.edits);
    },
    repeat() {
      // The connection may have lost the last edit. It waits now for the next connection, before what the user does next.
      if (this.edits > this.receivedEdits) this.$emit("edit", this.shown, this.edits);
    },
  },
};
