package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.distill.SmallNetworks;
import dev.tenon.compression.train.SampleRows.Row;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Mul;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Outputs of a teacher that are kept, and those that are made for each batch. */
class TrainingDataTest {
    private static final int SAMPLES = 50;
    private static final TrainingOptions OPTIONS = new TrainingOptions(
            List.of(new LossTerm(LossTerm.Kind.MSE, 1, 1)),
            new TrainingOptions.OptimizerOptions(TrainingOptions.Kind.ADAM_W, 1, 0, 1),
            1,
            0,
            2,
            1,
            0,
            0,
            false);

    private static TrainingData data(Model teacher, Samples samples, long mostBytes) {
        Samples.Calls calls = samples.bind(SmallNetworks.network(3, 1).inputs());
        TrainingData data = new TrainingData(calls, Set.of("x"), new Teacher(List.of(teacher), null, OPTIONS), null);
        data.ask(mostBytes, StepContext.of(calls, 0));
        return data;
    }

    private static List<Row> someRows(TrainingData data) {
        List<Row> all = data.rows().buckets().getFirst();
        List<Row> some = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            some.add(all.get(i * 17 % SAMPLES));
        }
        return some;
    }

    private static float[] taught(TrainingData data, long width) {
        Tensor target = Tensor.of(new float[(int) (7 * width)], 7, width);
        data.fill(someRows(data), Map.of(LossGraph.TEACHER, target));
        return target.toFloatArray();
    }

    @Test
    void outputsThatAreNotKeptAreTheSame() {
        Model teacher = SmallNetworks.network(24, 1);
        float[] kept = taught(data(teacher, SmallNetworks.samples(SAMPLES), Long.MAX_VALUE), 4);
        assertThat(taught(data(teacher, SmallNetworks.samples(SAMPLES), 0), 4)).isEqualTo(kept);
        assertThat(kept).isNotEqualTo(new float[kept.length]);
    }

    @Test
    void aTeacherGetsTheNumberOfSamplesThatItTakes() {
        float[] expected = taught(data(squares("n"), SmallNetworks.samples(SAMPLES), 0), 6);
        for (String batch : List.of("3", "4", "20")) {
            for (long bytes : new long[] {0, Long.MAX_VALUE}) {
                assertThat(taught(data(squares(batch), SmallNetworks.samples(SAMPLES), bytes), 6))
                        .as("%s samples a call", batch)
                        .isEqualTo(expected);
            }
        }
    }

    /** A network without weights, for calls of a number of samples. */
    private static Model squares(String batch) {
        GraphBuilder b = new GraphBuilder("teacher");
        var x = b.input("x", ValueType.parse("f32[" + batch + ",6]"));
        return Model.of(b.output("y", b.add(new Mul(), x, x)).build());
    }

    @Test
    void otherShapesAreRefusedInBothWays() {
        for (long bytes : new long[] {0, Long.MAX_VALUE}) {
            TrainingData data = data(SmallNetworks.network(24, 1), SmallNetworks.samples(SAMPLES), bytes);
            assertThatThrownBy(() -> taught(data, 5))
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining("output of the network to train: shape [7, 5] for 7 samples")
                    .hasMessageContaining("shape [7, 4], as the teacher has");
        }
    }

    @Test
    void theSampleOfABadOutputIsNamed() {
        GraphBuilder b = new GraphBuilder("log");
        Model log = Model.of(b.output("y", b.add(new Log(), b.input("x", ValueType.parse("f32[n,6]"))))
                .build());
        float[] x = new float[SAMPLES * 6];
        Arrays.fill(x, 1);
        x[34 * 6 + 2] = -1;
        Samples samples = inputs -> new Samples.Calls() {
            @Override
            public long samples() {
                return SAMPLES;
            }

            @Override
            public void forEach(Consumer<Samples.Call> action) {
                action.accept(new Samples.Call(Map.of("x", Tensor.of(x, SAMPLES, 6)), SAMPLES));
            }
        };
        assertThatThrownBy(() -> data(log, samples, Long.MAX_VALUE)).hasMessageContaining("sample 34: output");
        Teacher teacher = new Teacher(List.of(log), null, OPTIONS);
        List<Row> rows = List.of(new Row(9, 0, 0), new Row(34, 0, 1));
        Tensor bad = Tensor.of(new float[] {1, 1, 1, 1, 1, 1, 1, 1, -1, 1, 1, 1}, 2, 6);
        assertThatThrownBy(() -> teacher.of(Map.of("x", bad), rows))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("sample 34: output of the teacher");
    }
}
