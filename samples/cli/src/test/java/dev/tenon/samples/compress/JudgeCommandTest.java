package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.error.TenonException;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeCommandTest {
    private static final int SAMPLES = 100;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void files() throws IOException {
        save("a.onnx", "(%x: f32[n,2]) { %y = Identity(%x) return %y }");
        save("b.onnx", "(%in: f32[n,2]) { %out = Abs(%in) return %out }");
        float[] x = new float[2 * SAMPLES];
        long[] y = new long[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            // Each has class 1. Model b takes the first ten for class 0.
            x[2 * i] = i < 10 ? -2 : 0.5f;
            x[2 * i + 1] = 1;
            y[i] = 1;
        }
        Npy.write(folder.resolve("x.npy"), Tensor.of(x, SAMPLES, 2));
        Npy.write(folder.resolve("y.npy"), Tensor.of(y));
        y[7] = 2;
        Npy.write(folder.resolve("far.npy"), Tensor.of(y));
        Npy.write(folder.resolve("few.npy"), Tensor.of(new long[] {1, 1}));
        Files.createDirectory(folder.resolve("empty"));
    }

    private void save(String name, String text) {
        Model.of(GraphText.parse("graph g" + text, StandardOperators.set())).save(folder.resolve(name));
    }

    private int run(String line) throws IOException {
        out.reset();
        List<String> args = Stream.of(line.split(" "))
                .map(a -> a.matches(".+\\.(npy|onnx|json)|.*/")
                        ? folder.resolve(a).toString()
                        : a)
                .toList();
        return new JudgeCommand().run(args, new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    @Test
    void twoModelsAreJudgedWithMarginsAndVerdicts() throws IOException {
        assertThat(run("a.onnx b.onnx x.npy --labels y.npy --metric top1,top2,f1,cosine --json r.json"))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "top1        1.000 -> 0.9000, loss 0.1000 +- ",
                        "(95 %), 100 samples, 10 disagreements",
                        ": worse")
                .contains("top2", ": no difference");
        assertThat(Files.readString(folder.resolve("r.json")))
                .startsWith("{\"floor\":null,")
                .contains("\"verdict\":\"worse\"");
        assertThat(run("a.onnx b.onnx x.npy --labels y.npy --floor 0.2")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(": within floor");
        assertThat(run("a.onnx b.onnx x.npy --labels y.npy --floor 0.12")).isEqualTo(3);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(": undecided");
        assertThat(run("a.onnx b.onnx x.npy")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("cosine ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.onnx b.onnx                                      | name two models and data
            a.onnx b.onnx x.npy --metric top0                  | --metric top0 is none of
            a.onnx b.onnx x.npy --metric ndcg@                 | --metric ndcg@ is none of
            a.onnx b.onnx x.npy --metric ndcg@99999999999      | more than 6 digits
            a.onnx b.onnx x.npy --metric f1                    | --metric f1 needs --labels
            a.onnx b.onnx x.npy --confidence 95                | --confidence 95 is not between 0 and 1
            a.onnx b.onnx x.npy --floor -1                     | --floor -1 is negative
            a.onnx b.onnx x.npy --recipe auto                  | unknown option --recipe
            """)
    void wrongArgumentsAreRefused(String line, String message) {
        assertThatThrownBy(() -> run(line)).isInstanceOf(UsageException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.onnx b.onnx x.npy --labels few.npy               | labels: 2 for 100 samples
            a.onnx b.onnx x.npy --labels far.npy               | label 7: class 2; allowed classes from 0 to 1
            a.onnx b.onnx empty/                               | an empty folder
            a.onnx b.onnx none.npy                             | no such file
            a.onnx none.onnx x.npy                             | none.onnx
            """)
    void wrongFilesAreNamed(String line, String message) {
        assertThatThrownBy(() -> run(line)).isInstanceOf(TenonException.class).hasMessageContaining(message);
    }
}
