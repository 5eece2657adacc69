package dev.tenon.samples.lessons.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.samples.Command;
import dev.tenon.samples.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the lessons about compression, which check their own results. */
@Tag("vector")
class CompressionLessonsTest {
    static Stream<Command> longLessons() {
        return Stream.of(
                new Lesson02StaticInt8(),
                new Lesson04FourBitWeights(),
                new Lesson05HalfFloats(),
                new Lesson06Pruning(),
                new Lesson07StructuredPruning(),
                new Lesson08LowRank(),
                new Lesson10Search(),
                new Lesson11Report(),
                new Lesson13Distillation(),
                new Lesson14Healing(),
                new Lesson15QuantizationAwareTraining());
    }

    private static void run(Command lesson) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int exit;
        try {
            exit = lesson.run(List.of(), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text).contains("right: ").doesNotContain("WRONG");
        assertThat(exit).as(text).isZero();
    }

    @Test
    void trees() {
        run(new Lesson09Trees());
        assertThatThrownBy(() -> new Lesson09Trees().run(List.of("x"), System.out))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void dynamicInt8() {
        run(new Lesson03DynamicInt8());
        assertThatThrownBy(() -> new Lesson03DynamicInt8().run(List.of("x"), System.out))
                .isInstanceOf(UsageException.class);
    }

    @ParameterizedTest
    @MethodSource("longLessons")
    @Tag("exhaustive")
    void others(Command lesson) {
        run(lesson);
    }
}
