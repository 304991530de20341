"""Quasar's controls: no capitals, no shadows, one height, and labels above the fields."""

CSS = """
/* buttons: only «Найти» is filled */
.q-btn {
  min-height: 32px; padding: 0 12px; border-radius: 6px; font: 500 14px/20px var(--text-font);
  text-transform: none; letter-spacing: 0;
}
.q-btn .q-icon { font-size: 18px; }
.q-btn .on-left { margin-right: 6px; }
.q-btn--round { min-width: 32px; padding: 0; border-radius: 6px; }
.q-btn--flat { color: var(--text) !important; }
.q-btn--flat:hover { background: var(--hover); }
.q-btn--flat.disabled { opacity: .38 !important; }
.q-btn--unelevated { background: var(--accent) !important; color: var(--on-accent) !important; }
.q-btn--unelevated:hover { background: var(--accent-hover) !important; }
.q-btn .q-focus-helper { display: none; }
/* a shadow, because Quasar removes the outline with !important */
.q-btn:focus-visible, .q-btn.q-manual-focusable--focused { box-shadow: 0 0 0 2px var(--accent); }
.q-btn--unelevated:focus-visible { box-shadow: 0 0 0 2px var(--surface), 0 0 0 4px var(--accent); }
.q-btn.linklike {
  color: var(--accent) !important; text-decoration: underline; text-underline-offset: 3px; padding: 0 6px;
}
.q-btn.linklike:hover { background: none; color: var(--accent-hover) !important; }

/* fields: the label stands above the box, the box is 32 px high */
.q-field { padding-top: 18px; font: inherit; min-width: 0; }
.q-field__inner { min-width: 0; }
.q-field--dense .q-field__control, .q-field--dense .q-field__marginal { height: 32px; min-height: 32px; }
.q-field--outlined .q-field__control { padding: 0 8px 0 10px; background: var(--surface); border-radius: 6px; }
.q-field--outlined .q-field__control::before { border: 1px solid var(--edge) !important; transition: none; }
.q-field--outlined .q-field__control::after { transition: none; }
.q-field--outlined:hover .q-field__control::before { border-color: var(--muted) !important; }
.q-field--outlined.q-field--focused .q-field__control::after, .q-field--outlined .q-field__control:focus-within::after {
  border-color: var(--accent); border-width: 2px;
}
.q-field--outlined.q-field--error .q-field__control::after { border-color: var(--failed); border-width: 1px; }
.q-field .q-field__native, .q-field .q-field__input {
  padding: 0 !important; min-height: 30px; color: var(--text); font: inherit; line-height: 20px;
}
.q-field__native::placeholder, .q-field__input::placeholder { color: var(--muted); opacity: 1; }
.with-chips .q-field__control, .with-chips .q-field__native { height: auto !important; }
.with-chips .q-chip { max-width: 100%; margin: 2px 4px 2px 0; }
.q-field .q-field__native > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.q-field .q-field__label, .q-field--dense.q-field--float .q-field__label {
  top: -19px; left: -9px; max-width: none; overflow: visible; transform: none !important; transition: none;
  font: 500 12px/16px var(--text-font); letter-spacing: 0; color: var(--muted) !important;
}
.q-field--labeled .q-field__control-container { padding-top: 0 !important; }
.q-field__control-container { min-width: 0; }
.q-field__append { padding-left: 2px; }
.q-field__append .q-icon, .q-field__focusable-action { font-size: 18px; color: var(--muted); opacity: 1; }
.q-field__focusable-action { border-radius: 4px; padding: 3px; margin: -3px 0 -3px -3px; box-sizing: content-box; }
.q-field__focusable-action:hover { color: var(--text); opacity: 1; }
/* a shadow, because Quasar removes the outline with !important */
.q-field__focusable-action:focus-visible { color: var(--text); box-shadow: 0 0 0 2px var(--accent); }
.q-field .q-btn--round { min-height: 24px; min-width: 24px; width: 24px; height: 24px; }
.q-field--with-bottom { padding-bottom: 0; }
.q-field__bottom { padding: 3px 0 0; min-height: 0; font-size: 12px; line-height: 16px; color: var(--failed); }
.q-field__bottom .q-field__messages { line-height: 16px; }
.q-field--error .q-field__append .text-negative { display: none; }
.q-field__bottom--animated {
  position: absolute; z-index: 5; transform: none; top: 100%; bottom: auto; left: 0; right: 0;
}
.q-field--error .q-field__bottom {
  right: auto; width: max-content; min-width: 100%; max-width: 320px; padding: 4px 8px; margin-top: 2px;
  background: var(--failed-wash); border-radius: 4px;
}
.q-field--error .q-field__bottom .q-transition--field-message-leave-active { display: none; }

.q-checkbox { font: inherit; min-height: 28px; }
.q-checkbox__inner { font-size: 32px; width: 26px; min-width: 26px; height: 26px; color: var(--edge); }
.q-checkbox__bg { top: 5px; left: 5px; width: 16px; height: 16px; border-width: 1px; border-radius: 4px; }
.q-checkbox__inner::before { display: none; }
.q-checkbox__inner--truthy { color: var(--accent) !important; }
.q-checkbox__svg { color: var(--on-accent); }
.q-checkbox__label { padding-left: 2px; }
.q-checkbox:focus-visible { box-shadow: 0 0 0 2px var(--accent); border-radius: 6px; }

.q-radio { font: inherit; min-height: 28px; }
.q-radio__inner { font-size: 32px; width: 26px; min-width: 26px; height: 26px; color: var(--edge); }
.q-radio__bg { top: 5px; left: 5px; width: 16px; height: 16px; }
.q-radio__inner::before { display: none; }
.q-radio__inner--truthy { color: var(--accent) !important; }
.q-radio__label { padding-left: 2px; }
.q-radio:focus-visible { box-shadow: 0 0 0 2px var(--accent); border-radius: 6px; }

/* menus, calendars and dialogs: only they have a shadow */
.q-menu {
  background: var(--raised); color: var(--text); border: 1px solid var(--line); border-radius: 8px;
  box-shadow: 0 6px 24px rgb(0 0 0 / .16); font: 14px/20px var(--text-font); transition-duration: .1s !important;
}
.q-menu:has(.q-item) { max-width: min(640px, 95vw) !important; }  /* a longer option wraps */
.q-menu .q-item { min-height: 32px; padding: 4px 12px; align-items: center; }
.q-menu .q-item__section { min-width: 0; overflow-wrap: anywhere; }
.q-menu .q-item--active { color: var(--accent); font-weight: 600; }
.q-menu .q-item.q-manual-focusable--focused, .q-menu .q-item:hover { background: var(--hover); }
.q-date { background: var(--raised); color: var(--text); box-shadow: none; width: 290px; min-width: 0; font: inherit; }
.q-date .q-btn { min-height: 30px; }
.q-date__view { padding: 8px; min-height: 280px; }
.q-date__calendar-item .q-btn--unelevated { color: var(--on-accent) !important; }
.q-date__today { box-shadow: 0 0 0 1px var(--edge); }
.q-date__calendar-weekdays > div { opacity: 1; color: var(--muted); }
.q-tooltip { background: var(--text); color: var(--surface); font: 12px/16px var(--text-font); padding: 4px 8px; }
.bg-failed { background: var(--failed); }
.text-surface { color: var(--surface); }
.q-notification .q-btn--flat { color: inherit !important; text-decoration: underline; }
.q-notification__actions { color: inherit; }
/* in a row of the layout, above a dialog: see journal_ui/layout/notifications.py */
#q-notify { grid-area: notices; position: relative; z-index: 9500; min-width: 0; }
#q-notify .q-notifications__list { position: static; margin: 0; }
#q-notify .q-notifications__list--bottom:has(.q-notification) {
  gap: 6px; padding: 6px 12px; max-height: 40dvh; overflow-y: auto;
  background: var(--canvas); border-top: 1px solid var(--line);
}
/* one that goes would lie over the page while it fades */
#q-notify [class*=leave-active] { display: none; }
.q-notification { flex: none; margin: 0; border-radius: 8px; box-shadow: none; min-height: 36px; }

/* the menu of the columns */
.columns-menu { padding: 12px; min-width: 300px; display: grid; gap: 4px; max-height: 80vh !important; }
.columns-menu [role=group] { overflow-y: auto; max-height: max(224px, calc(100vh - 372px)); }
.columns-menu .what { font: 500 12px/16px var(--text-font); color: var(--muted); padding-left: 4px; }
.columns-menu .line { display: flex; align-items: center; gap: 2px; min-height: 28px; }
.columns-menu .line .q-checkbox { margin-right: auto; padding-right: 16px; }
.columns-menu .q-btn--round { min-height: 28px; min-width: 28px; width: 28px; height: 28px; }
.columns-menu .q-btn[aria-disabled=true] { opacity: .38; cursor: default; }
.columns-menu .q-radio { margin-right: 12px; }
.columns-menu .linklike { justify-self: start; }

/* the dialog of the keyboard shortcuts */
.q-dialog__backdrop { background: rgb(0 0 0 / .35); }
.window {
  width: 560px; max-width: 100%; padding: 16px 20px 20px; display: grid; gap: 14px; background: var(--raised);
  color: var(--text); border: 1px solid var(--line); border-radius: 10px; overflow: auto;
  box-shadow: 0 6px 24px rgb(0 0 0 / .2) !important;
}
.window .title { display: flex; align-items: center; justify-content: space-between; }
.window .to-guide { justify-self: start; }
.window h2 { font: 600 16px/24px var(--text-font); }
.keys-list { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 8px 20px; align-items: baseline; }
.window > .q-checkbox { margin-left: -5px; justify-self: start; }
.keys-list dt { display: flex; flex-wrap: wrap; gap: 4px; }
kbd {
  font: 500 12px/18px var(--text-font); padding: 1px 6px; border: 1px solid var(--edge); border-radius: 4px;
  background: var(--surface); white-space: nowrap;
}
@media (max-width: 599.98px) { .keys-list { grid-template-columns: fit-content(84px) minmax(0, 1fr); gap: 8px 14px; } }
"""
