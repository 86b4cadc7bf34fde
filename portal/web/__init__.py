"""Everything the pages have in common: templates, htmx, languages, assets, the page cache, headers, error pages."""
