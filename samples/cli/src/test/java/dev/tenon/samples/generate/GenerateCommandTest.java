package dev.tenon.samples.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.samples.UsageException;
import dev.tenon.samples.lessons.SmallDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
    @TempDir
    static Path folder;

    @BeforeAll
    static void write() throws IOException {
        SmallDecoder.write(folder);
    }

    private static String run(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int exit = new GenerateCommand().run(List.of(args), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        assertThat(exit).isZero();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String text(String output) {
        return output.substring(0, output.lastIndexOf("loaded in")).trim();
    }

    @Test
    void writesWordsAndTellsHowFast() {
        String model = folder.toString();
        String greedy = run(model, "bado fime", "--tokens", "12");
        assertThat(greedy)
                .contains("2 tokens of prompt")
                .contains("12 tokens written")
                .contains("ended: LENGTH");
        assertThat(text(greedy).split(" ")).hasSize(12);
        String[] drawn = {model, "bado", "--tokens", "12", "--temperature", "1", "--top-p", "0.9", "--seed", "3"};
        assertThat(text(run(drawn))).isEqualTo(text(run(drawn)));
        String stop = text(greedy).split(" ")[4];
        assertThat(run(model, "bado fime", "--tokens", "12", "--stop", stop, "--threads", "1"))
                .contains("ended: STOP at '" + stop + "'");
    }

    @Test
    void whatIsWrongIsSaid() {
        String model = folder.toString();
        assertThatThrownBy(() -> run(model)).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> run(model, "bado", "--temperature", "warm"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("warm");
        assertThatThrownBy(() -> run(folder.resolve("absent.gguf").toString(), "bado"))
                .isInstanceOf(ModelFileException.class);
        assertThatThrownBy(() -> run(model, "bado", "--context", "10", "--tokens", "10"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1 tokens and 10 more");
    }
}
