package dev.tenon.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of the page compiles. */
class ReadmeTest {
    private static final Pattern BLOCK = Pattern.compile("^```java\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void blocksCompile(@TempDir Path folder) throws IOException {
        String page = Files.readString(
                Path.of(System.getProperty("tenon.root", "../..")).resolve("integrations/hub/README.md"));
        List<MatchResult> blocks = BLOCK.matcher(page).results().toList();
        assertThat(blocks).hasSize(3);
        for (MatchResult block : blocks) {
            String source =
                    "import dev.tenon.*; import dev.tenon.hub.*; import java.net.URI; import java.nio.file.Path; import java.util.*;"
                            + "class Page { void run() {" + block.group(1) + "}}";
            JavaFileObject file =
                    new SimpleJavaFileObject(URI.create("string:///Page.java"), JavaFileObject.Kind.SOURCE) {
                        @Override
                        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                            return source;
                        }
                    };
            StringWriter messages = new StringWriter();
            List<String> options =
                    List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
            assertThat(ToolProvider.getSystemJavaCompiler()
                            .getTask(messages, null, null, options, null, List.of(file))
                            .call())
                    .as("%s", messages)
                    .isTrue();
        }
    }
}
