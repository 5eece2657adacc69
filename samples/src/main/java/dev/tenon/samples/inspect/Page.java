package dev.tenon.samples.inspect;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The page: one file that holds its data, its style and its script. */
final class Page {
    private static final String TEMPLATE = "page.html";
    private static final String PLACE = "@DATA@";

    private Page() {}

    /**
     * The page of a model.
     *
     * @param data what it shows
     * @return HTML
     * @throws IOException if the template can't be read
     */
    static String of(PageData data) throws IOException {
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(ObjectWriteContext.empty(), json)) {
            data.write(generator);
        }
        try (InputStream template = Page.class.getResourceAsStream(TEMPLATE)) {
            String html = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            // Names in a model are whatever its author chose, the end of a script among them.
            return html.replace(PLACE, json.toString().replace("<", "\\u003c"));
        }
    }
}
