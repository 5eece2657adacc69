package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many callers of one session. The model is a sum with the inputs of a BERT. */
@Tag("vector")
class CallersRunTest {
    private static final int ROUNDS = 2;
    private static final long BLOCK_NANOS = 20_000_000;
    private static final double SECOND_NANOS = 1e9;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private static Model sum(String... inputs) {
        GraphBuilder b = new GraphBuilder("sum");
        Value sum = null;
        for (String name : inputs) {
            Value input = b.input(name, new TensorType(DType.INT64, Shape.of(Dim.of(1), Dim.symbol("tokens"))));
            sum = sum == null ? input : b.add(new Add(), sum, input);
        }
        return Model.of(b.output("y", sum).build());
    }

    @Test
    void tellsCallsAndTailsOfFewAndOfManyCallers() throws IOException {
        CallersRun.run(out, sum("input_ids", "attention_mask", "token_type_ids").session(), ROUNDS, BLOCK_NANOS);
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.getFirst()).matches("callers +\\| calls/second +\\| p50 ms +\\| p99 ms +");
        double[] few = figures(lines.get(1), "2");
        double[] many = figures(lines.get(2), "8");
        for (double[] figures : new double[][] {few, many}) {
            assertThat(figures[0]).isGreaterThanOrEqualTo(1 / (BLOCK_NANOS / SECOND_NANOS) / 1000);
            assertThat(figures[1]).isNotNegative().isLessThanOrEqualTo(figures[2]);
        }
        Matcher last = Pattern.compile("8 callers to 2: throughput ([0-9.]+), p99 ([0-9.]+|NaN|Infinity)")
                .matcher(lines.getLast());
        assertThat(last.matches()).as(lines.getLast()).isTrue();
        double rounding = 0.01;
        assertThat(Double.parseDouble(last.group(1)) / (many[0] / few[0])).isBetween(1 - rounding, 1 + rounding);
    }

    private static double[] figures(String line, String callers) {
        String[] cells = line.split("\\|", -1);
        assertThat(cells).hasSize(4);
        assertThat(cells[0].trim()).isEqualTo(callers);
        return new double[] {Double.parseDouble(cells[1]), Double.parseDouble(cells[2]), Double.parseDouble(cells[3])};
    }

    @Test
    void tellsThatACallerFailed() {
        assertThatThrownBy(() -> CallersRun.run(out, sum("input_ids").session(), ROUNDS, BLOCK_NANOS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a caller failed")
                .hasMessageContaining("the model has no such input; allowed [input_ids");
    }

    @Test
    void hasNoOptions() {
        assertThatThrownBy(() -> CallersRun.run(out, Path.of("none.onnx"), "callers", "-f"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("suite callers has no options");
    }
}
