package dev.tenon.samples.inspect;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The web page: one HTML file with its data, style and script. */
final class Page {
    private static final String TEMPLATE = "page.html";
    private static final String DATA_PLACEHOLDER = "@DATA@";

    private Page() {}

    /**
     * Makes the page of a model.
     *
     * @param data the data of the page
     * @return HTML
     * @throws IOException if the template cannot be read
     */
    static String of(PageData data) throws IOException {
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(ObjectWriteContext.empty(), json)) {
            data.write(generator);
        }
        try (InputStream template = Page.class.getResourceAsStream(TEMPLATE)) {
            String html = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            // A name in a model can be any text, also the end tag of a script.
            return html.replace(DATA_PLACEHOLDER, json.toString().replace("<", "\\u003c"));
        }
    }
}
