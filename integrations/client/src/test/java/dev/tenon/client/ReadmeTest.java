package dev.tenon.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.JavaSources;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of the page compiles. */
class ReadmeTest {
    @Test
    void blocksCompile(@TempDir Path folder) throws IOException {
        Path page = Path.of(System.getProperty("tenon.root", "../..")).resolve("integrations/client/README.md");
        assertThat(JavaSources.compileBlocks(folder, page, "dev.tenon.client", "java.net", "java.time", "java.util"))
                .isEqualTo(1);
    }
}
