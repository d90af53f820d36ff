"""From model files to resolved models: `reader` (YAML to Document), `document` (as written), `resolve` (to Model)."""
