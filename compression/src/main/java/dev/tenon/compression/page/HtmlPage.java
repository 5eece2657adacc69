package dev.tenon.compression.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A page of its own: a template with its style, and a body. It needs neither a network nor scripts. */
public final class HtmlPage {
    private static final String TEMPLATE = "report.html";

    private HtmlPage() {}

    /**
     * A page.
     *
     * @param title its title, any text
     * @param body its body as HTML
     * @return the page as HTML
     */
    public static String of(String title, String body) {
        try (InputStream template = HtmlPage.class.getResourceAsStream(TEMPLATE)) {
            String html = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            // The body comes last, since names in it may look like a placeholder.
            return html.replace("@TITLE@", HtmlText.escaped(title)).replace("@BODY@", body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
