"""What stands around the operator's guide; its own words are docs/operator.md."""

GUIDE_TITLE = 'Руководство оператора'
GUIDE_CONTENTS = 'О чём здесь'
