package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.RecurrentProblem.Kind;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of recurrent operators against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class RecurrentKernelsTest {
    private static final List<String> DIRECTIONS = List.of("forward", "reverse", "bidirectional");

    private static Tensor normal(Random random, double scale, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, scale * random.nextGaussian());
        }
        return t;
    }

    @Property(tries = 60)
    void anySizes(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 2) int direction,
            @ForAll @IntRange(min = 1, max = 30) int batch,
            @ForAll @IntRange(min = 1, max = 9) int steps,
            @ForAll @IntRange(min = 1, max = 20) int input,
            @ForAll @IntRange(min = 1, max = 40) int hidden,
            @ForAll boolean batchFirst,
            @ForAll boolean optional,
            @ForAll boolean lengths) {
        Attributes a = Attributes.none()
                .with("direction", DIRECTIONS.get(direction))
                .with("hidden_size", hidden)
                .with("layout", batchFirst ? 1 : 0);
        long directions = direction == 2 ? 2 : 1;
        Random random = new Random(seed);
        List<Op> ops = List.of(RNN.of(a), GRU.of(a), GRU.of(a.with("linear_before_reset", 1)), LSTM.of(a));
        for (Op op : ops) {
            int gates = op instanceof LSTM ? 4 : op instanceof GRU ? 3 : 1;
            List<Datum> in = new ArrayList<>();
            in.add(batchFirst ? normal(random, 1, batch, steps, input) : normal(random, 1, steps, batch, input));
            in.add(normal(random, 0.4, directions, (long) gates * hidden, input));
            // As cells are initialised: with larger weights the state is chaotic, and doubles a rounding at every step.
            in.add(normal(random, 1 / Math.sqrt(hidden), directions, (long) gates * hidden, hidden));
            in.add(optional ? normal(random, 0.4, directions, 2L * gates * hidden) : null);
            in.add(lengths ? lengths(random, batch, steps) : null);
            for (int i = 0; i < (gates == 4 ? 2 : 1); i++) {
                Tensor state = batchFirst
                        ? normal(random, 1, batch, directions, hidden)
                        : normal(random, 1, directions, batch, hidden);
                in.add(optional ? state : null);
            }
            for (boolean constant : new boolean[] {false, true}) {
                if (constant || !lengths) {
                    check(op, in, constant);
                }
            }
        }
    }

    private static Tensor lengths(Random random, int batch, int steps) {
        Tensor t = Tensor.allocate(DType.INT32, batch);
        for (long i = 0; i < batch; i++) {
            t.setLong(i, random.nextInt(steps + 1));
        }
        return t;
    }

    private static void check(Op op, List<Datum> in, boolean constant) {
        int outputs = op instanceof LSTM ? 3 : 2;
        List<Datum> expected = op.reference(new Operands(op, "", in, outputs));
        List<TensorType> types = expected.stream().map(d -> ((Tensor) d).type()).toList();
        KernelRun.Prepared prepared =
                KernelRun.prepare(RecurrentKernels.SET, op, in, types, constant, Tier.capabilities());
        List<Tensor> results = KernelRun.run(prepared, in);
        List<Datum> magnitudes = Closeness.magnitudes(op, in, outputs);
        for (int i = 0; i < outputs; i++) {
            Closeness.check(
                    prepared.kernel().id() + " of " + op + " output " + i,
                    results.get(i),
                    expected.get(i),
                    magnitudes.get(i),
                    op.numerics());
        }
    }

    @Test
    void vectorsForPackedWeights() {
        assertThat(RecurrentKernels.TABLE
                        .select(problem(Kind.LSTM, true), Capabilities.avx2())
                        .id())
                .isEqualTo("recurrent_f32_vector");
        assertThat(RecurrentKernels.TABLE
                        .select(problem(Kind.LSTM, false), Capabilities.avx2())
                        .id())
                .isEqualTo("recurrent_f32_scalar");
        assertThat(RecurrentKernels.TABLE.refusals(problem(Kind.GRU, false), Capabilities.avx2()))
                .containsExactly("recurrent_f32_vector: weights that are not packed");
    }

    @Test
    void otherActivationsAndPeepholesHaveNoKernel() {
        Random random = new Random(1);
        Tensor x = normal(random, 1, 2, 1, 3);
        List<TensorType> in = new ArrayList<>(List.of(
                x.type(),
                normal(random, 1, 1, 16, 3).type(),
                normal(random, 1, 1, 16, 4).type()));
        List<TensorType> out = List.of(normal(random, 1, 2, 1, 1, 4).type());
        LSTM plain = LSTM.of(Attributes.none());
        LSTM relu = LSTM.of(Attributes.none().with("activations", List.of("Sigmoid", "Relu", "Tanh")));
        LSTM clipped = LSTM.of(Attributes.none().with("clip", 1f));
        StepRequest step = StepRequest.of(in, out, Capabilities.SCALAR);
        assertThat(RecurrentKernels.SET.prepare(plain, step)).isNotNull();
        assertThat(RecurrentKernels.SET.prepare(relu, step)).isNull();
        assertThat(RecurrentKernels.SET.prepare(clipped, step)).isNull();
        in.addAll(Arrays.asList(null, null, null, null, normal(random, 1, 1, 12).type()));
        assertThat(RecurrentKernels.SET.prepare(plain, StepRequest.of(in, out, Capabilities.SCALAR)))
                .isNull();
    }

    private static RecurrentProblem problem(Kind kind, boolean packed) {
        return new RecurrentProblem(kind, false, 1, false, 3, 4, 5, 37, null, true, true, true, packed, 7);
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        boolean vector = Tier.capabilities().vector();
        for (Kind kind : Kind.values()) {
            RecurrentProblem p = problem(kind, vector);
            Kernel kernel = RecurrentKernels.TABLE.prepare(p, Tier.capabilities());
            long f = Float.BYTES;
            long state = 3 * 37 * f;
            long columns = vector ? 128 : 37;
            long rows = kind.gates() * columns;
            assertThat(KernelCheck.allocated(
                            kernel,
                            3 * 4 * 5 * f,
                            rows * 5 * f,
                            rows * 37 * f,
                            2L * kind.gates() * 37 * f,
                            0,
                            state,
                            state,
                            4 * state,
                            state,
                            state))
                    .as(kernel.id() + " of " + p)
                    .isZero();
        }
    }
}
