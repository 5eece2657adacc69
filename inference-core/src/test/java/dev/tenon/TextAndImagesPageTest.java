package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/text-and-images.md compile, together, as the body of one method. */
class TextAndImagesPageTest {
    private static final Pattern EXAMPLE = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final String IMPORTS =
            "import dev.tenon.*; import dev.tenon.image.*; import dev.tenon.tensor.Tensor;"
                    + "import dev.tenon.text.*; import java.nio.file.Path; import java.util.*;";
    private static final String START = IMPORTS + "class Page { void run(Model model) throws Exception {";

    @TempDir
    private Path folder;

    @Test
    void theExamplesCompile() throws IOException {
        Path root = Path.of(System.getProperty("tenon.root", ".."));
        Matcher blocks = EXAMPLE.matcher(Files.readString(root.resolve("docs/text-and-images.md")));
        StringBuilder source = new StringBuilder(START);
        int count = 0;
        while (blocks.find()) {
            source.append(blocks.group(1));
            count++;
        }
        source.append("}}");
        assertThat(count).isEqualTo(3);
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///Page.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
        boolean compiled = javac.getTask(messages, null, null, options, null, List.of(file))
                .call();
        assertThat(compiled).as("%s%n%s", source, messages).isTrue();
    }
}
