package dev.tenon.samples.lessons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.samples.Command;
import dev.tenon.samples.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the lessons, which check their own results. */
@Tag("tiers")
class LessonsTest {
    private static String run(Command lesson) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int exit = lesson.run(List.of(), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(exit).as(text).isZero();
        return text;
    }

    @Test
    void customOperator() throws IOException {
        assertThat(run(new Lesson01CustomOperator()))
                .contains("LoadOptions.operators")
                .contains("com.example.SoftThreshold")
                .doesNotContain("WRONG");
        assertThatThrownBy(() -> new Lesson01CustomOperator().run(List.of("x"), System.out))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void serving() throws IOException {
        assertThat(run(new Lesson12Serving()))
                .contains("the batcher refuses it")
                .contains("399 calls got the bits that they get alone")
                .contains("version 1 serves again")
                .doesNotContain("WRONG");
    }

    @Test
    void generation() throws IOException {
        assertThat(run(new Lesson16Generation()))
                .contains("16 of 16 have the text that they have alone")
                .contains("99 of 100 tokens of the prompt were in the cache")
                .doesNotContain("WRONG");
    }
}
