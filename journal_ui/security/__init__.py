"""Who may open which page: authentication of requests, browser sessions, security headers, sign-in audit."""
