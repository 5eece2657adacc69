package dev.tenon.kernel.table.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.recurrent.RecurrentProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem.Cell;
import dev.tenon.kernel.recurrent.RecurrentProblem.Kind;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.GateActivation;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of recurrent operators against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class RecurrentKernelsTest {
    private static final List<String> DIRECTIONS = List.of("forward", "reverse", "bidirectional");

    /** Functions of gates, with results within [0, 1]. They do not enlarge differences between states. */
    private static final List<String> OF_GATES = List.of("Sigmoid", "HardSigmoid");

    private static final List<String> OF_STATES =
            List.of("Tanh", "Relu", "LeakyRelu", "ScaledTanh", "Elu", "Softsign", "Softplus", "Affine");

    /** Sizes of states around the tails of loops, for vectors of any length. */
    private static final int[] SIZES = {16, 17, 31, 33, 64, 65, 100};

    private record Sizes(int batch, int steps, int input, int hidden) {}

    private static Tensor normal(Random random, double scale, long... dims) {
        return Literals.normal(random, scale, DType.FLOAT32, dims);
    }

    private static Kind kind(Op op) {
        return switch (op) {
            case LSTM lstm -> Kind.LSTM;
            case GRU gru -> gru.linearBeforeReset() ? Kind.GRU_LINEAR : Kind.GRU;
            default -> Kind.RNN;
        };
    }

    private static Op op(Kind kind, Attributes a) {
        return switch (kind) {
            case RNN -> RNN.of(a);
            case GRU -> GRU.of(a);
            case GRU_LINEAR -> GRU.of(a.with("linear_before_reset", 1));
            case LSTM -> LSTM.of(a);
        };
    }

    /** All operands, including lengths and peepholes. */
    private static List<Datum> operands(Random random, Op op, int directions, boolean batchFirst, Sizes s) {
        int gates = kind(op).gates();
        long rows = (long) gates * s.hidden;
        List<Datum> in = new ArrayList<>();
        in.add(
                batchFirst
                        ? normal(random, 1, s.batch, s.steps, s.input)
                        : normal(random, 1, s.steps, s.batch, s.input));
        in.add(normal(random, 1 / Math.sqrt(s.input), directions, rows, s.input));
        // As cells are initialised. With larger weights states are chaotic: a rounding error doubles at every step.
        in.add(normal(random, 1 / Math.sqrt(s.hidden), directions, rows, s.hidden));
        in.add(normal(random, 0.4, directions, 2 * rows));
        in.add(lengths(random, s.batch, s.steps));
        for (int i = 0; i < (gates == 4 ? 2 : 1); i++) {
            in.add(
                    batchFirst
                            ? normal(random, 1, s.batch, directions, s.hidden)
                            : normal(random, 1, directions, s.batch, s.hidden));
        }
        if (gates == 4) {
            in.add(normal(random, 0.4, directions, 3L * s.hidden));
        }
        return in;
    }

    private static Tensor lengths(Random random, int batch, int steps) {
        Tensor t = Tensor.allocate(DType.INT32, batch);
        for (long i = 0; i < batch; i++) {
            t.setLong(i, random.nextInt(steps + 1));
        }
        return t;
    }

    /** Compares with the reference. Constant weights are packed, which the vector kernel needs. */
    private static void check(Op op, List<Datum> in, boolean constant) {
        String id =
                KernelCheck.run(CoreKernels.set(), op, in, op instanceof LSTM ? 3 : 2, constant, Tier.capabilities());
        boolean packed = constant && ((Tensor) in.get(RecurrentProblem.R)).size() >= 256;
        assertThat(id)
                .startsWith(packed && Tier.capabilities().vector() ? "recurrent_f32_vector" : "recurrent_f32_scalar");
    }

    private static Attributes functions(Random random, Attributes a, Kind kind, int directions) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < directions * kind.functions(); i++) {
            List<String> some = kind != Kind.RNN && i % kind.functions() == 0 ? OF_GATES : OF_STATES;
            names.add(some.get(random.nextInt(some.size())));
        }
        return a.with("activations", names)
                .with("activation_alpha", List.of(0.25f, 0.5f))
                .with("activation_beta", List.of(0.5f));
    }

    @Property(tries = 8)
    void anySizes(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 2) int direction,
            @ForAll @IntRange(min = 1, max = 30) int batch,
            @ForAll @IntRange(min = 1, max = 9) int steps,
            @ForAll @IntRange(min = 1, max = 20) int input,
            @ForAll @IntRange(min = 1, max = 40) int hidden,
            @ForAll boolean batchFirst,
            @ForAll boolean own) {
        Random random = new Random(seed);
        int directions = direction == 2 ? 2 : 1;
        Attributes a = Attributes.none()
                .with("direction", DIRECTIONS.get(direction))
                .with("hidden_size", hidden)
                .with("layout", batchFirst ? 1 : 0);
        for (Kind kind : Kind.values()) {
            Attributes all = own ? a : functions(random, a, kind, directions);
            all = random.nextInt(3) == 0 ? all.with("clip", 0.75f) : all;
            all = kind == Kind.LSTM && random.nextInt(3) == 0 ? all.with("input_forget", 1) : all;
            Op op = op(kind, all);
            List<Datum> in = operands(random, op, directions, batchFirst, new Sizes(batch, steps, input, hidden));
            for (int i = RecurrentProblem.B; i < in.size(); i++) {
                in.set(i, random.nextBoolean() ? in.get(i) : null);
            }
            for (boolean constant : new boolean[] {false, true}) {
                check(op, in, constant);
            }
        }
    }

    /** All sizes in an exhaustive run. A usual run takes three of them, other ones for other problems. */
    private static int[] sizes(int problem) {
        int n = SIZES.length;
        int[] some = {SIZES[problem % n], SIZES[(problem + 2) % n], SIZES[(problem + 5) % n]};
        return Exhaustive.isOn() ? SIZES : some;
    }

    private static Attributes of(GateActivation.Kind function, int count) {
        return Attributes.none()
                .with("activations", Collections.nCopies(count, function.text()))
                .with("activation_alpha", List.of(0.25f, 0.5f, 0.75f))
                .with("activation_beta", List.of(0.5f, 0.25f, 0.125f));
    }

    @ParameterizedTest
    @EnumSource(GateActivation.Kind.class)
    void everyActivationInEveryPlaceAroundEveryTail(GateActivation.Kind function) {
        Random random = new Random(5);
        for (Kind kind : Kind.values()) {
            for (int hidden : sizes(function.ordinal() + kind.ordinal())) {
                Op op = op(kind, of(function, kind.functions()));
                // Few steps: if gates are not bounded, states grow from step to step.
                check(op, operands(random, op, 1, false, new Sizes(3, 2, 5, hidden)), true);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GateActivation.Kind.class)
    void everyActivationWithItsDefaultsAndABound(GateActivation.Kind function) {
        Random random = new Random(6);
        Op op = RNN.of(
                Attributes.none().with("activations", List.of(function.text())).with("clip", 0.5f));
        check(op, operands(random, op, 1, false, new Sizes(4, 3, 5, 37)), true);
    }

    /** ThresholdedRelu keeps arguments that are equal to its threshold. Here most are, because they are clipped to it. */
    @Test
    void anArgumentAtTheThresholdStays() {
        Random random = new Random(7);
        Op op = RNN.of(Attributes.none()
                .with("activations", List.of("ThresholdedRelu"))
                .with("clip", 1f));
        List<Datum> in = operands(random, op, 1, false, new Sizes(4, 3, 5, 37));
        in.set(0, normal(random, 1000, 3, 4, 5));
        check(op, in, true);
        Tensor y = (Tensor) op.reference(new Operands(op, "", in, 1)).getFirst();
        assertThat(y.toFloatArray()).contains(1f);
    }

    @ParameterizedTest
    @EnumSource(GateActivation.Kind.class)
    void nanPropagates(GateActivation.Kind function) {
        Random random = new Random(8);
        for (Kind kind : Kind.values()) {
            Op op = op(kind, of(function, kind.functions()).with("clip", 2f));
            List<Datum> in = operands(random, op, 1, false, new Sizes(3, 2, 5, 37));
            ((Tensor) in.getFirst()).setDouble(7, Double.NaN);
            check(op, in, true);
        }
    }

    /** A gate of 1 keeps the state, however large the candidate is. A gate of 0 takes the candidate, even if it is infinite. */
    @ParameterizedTest
    @CsvSource({"1, 10, 1e8, 1", "1, -10, 1e8, 1e8", "Infinity, -1, 1, Infinity"})
    void statesAndCandidatesOfAnyMagnitude(float x, float z, float candidate, float expected) {
        int hidden = 16;
        for (Kind kind : List.of(Kind.GRU, Kind.GRU_LINEAR)) {
            Op op = op(kind, Attributes.none().with("activations", List.of("HardSigmoid", "Relu")));
            float[] w = new float[3 * hidden];
            Arrays.fill(w, 0, 2 * hidden, z);
            Arrays.fill(w, 2 * hidden, 3 * hidden, candidate);
            float[] state = new float[hidden];
            Arrays.fill(state, 1);
            Tensor r = Tensor.allocate(DType.FLOAT32, 1, 3L * hidden, hidden);
            List<Datum> in = Arrays.asList(
                    Tensor.of(new float[] {x}, 1, 1, 1),
                    Tensor.of(w, 1, 3L * hidden, 1),
                    r,
                    null,
                    null,
                    Tensor.of(state, 1, 1, hidden));
            Tensor y = (Tensor) op.reference(new Operands(op, "", in, 2)).getFirst();
            assertThat(y.toFloatArray()).containsOnly(expected);
            check(op, in, true);
        }
    }

    @ParameterizedTest
    @CsvSource({"forward, 0", "reverse, 0", "bidirectional, 0", "forward, 1", "reverse, 1", "bidirectional, 1"})
    void peepholesBoundsAndCoupledGates(String direction, int layout) {
        Random random = new Random(9);
        int directions = direction.equals("bidirectional") ? 2 : 1;
        for (int variant = 0; variant < 8; variant++) {
            for (int hidden : sizes(variant + layout)) {
                Attributes a = Attributes.none().with("direction", direction).with("layout", layout);
                a = (variant & 1) == 0 ? a : a.with("clip", 0.5f);
                a = (variant & 2) == 0 ? a : a.with("input_forget", 1);
                Op op = LSTM.of(a);
                List<Datum> in = operands(random, op, directions, layout == 1, new Sizes(3, 4, 5, hidden));
                in.set(RecurrentProblem.PEEPHOLES, (variant & 4) == 0 ? null : in.get(RecurrentProblem.PEEPHOLES));
                check(op, in, true);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void functionsOfEachDirectionWithTheirParameters(boolean constant) {
        Random random = new Random(10);
        Attributes a = Attributes.none()
                .with("direction", "bidirectional")
                .with("activations", List.of("HardSigmoid", "Elu", "ScaledTanh", "Sigmoid", "LeakyRelu", "Softsign"))
                .with("activation_alpha", List.of(0.25f, 0.5f, 0.75f, 0.125f))
                .with("activation_beta", List.of(0.625f, 1.5f));
        Op op = LSTM.of(a);
        check(op, operands(random, op, 2, false, new Sizes(5, 6, 7, 40)), constant);
    }

    /** More sequences than a part has. Some end before the last chunk of steps. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void lengthsOfManySequences(Kind kind) {
        Random random = new Random(11);
        Op op = op(kind, Attributes.none().with("direction", "bidirectional"));
        List<Datum> in = operands(random, op, 2, false, new Sizes(50, 13, 3, 20));
        Tensor lengths = Tensor.allocate(DType.INT32, 50);
        for (int i = 0; i < 50; i++) {
            lengths.setLong(i, i < 20 ? i % 4 : i % 14);
        }
        in.set(RecurrentProblem.LENGTHS, lengths);
        check(op, in, true);
    }

    @ParameterizedTest
    @CsvSource({"true, -1", "true, 5", "false, 5"})
    void aLengthOutOfRangeIsNamed(boolean constant, int length) {
        Random random = new Random(12);
        Op op = GRU.of(Attributes.none().with("linear_before_reset", 1));
        List<Datum> in = operands(random, op, 1, false, new Sizes(3, 4, 5, 20));
        ((Tensor) in.get(RecurrentProblem.LENGTHS)).setLong(1, length);
        List<TensorType> out = List.of(
                new TensorType(DType.FLOAT32, Shape.of(4, 1, 3, 20)),
                new TensorType(DType.FLOAT32, Shape.of(1, 3, 20)));
        KernelRun.Prepared prepared = KernelRun.prepare(CoreKernels.set(), op, in, out, constant, Tier.capabilities());
        assertThatThrownBy(() -> KernelRun.run(prepared, in))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("GRU: sequence_lens[1] is " + length)
                .hasMessageContaining("[0, 4]");
    }

    @Test
    void vectorsForPackedWeights() {
        assertThat(RecurrentKernels.TABLE
                        .choose(problem(own(Kind.LSTM), true), Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("recurrent_f32_vector");
        assertThat(RecurrentKernels.TABLE
                        .choose(problem(own(Kind.LSTM), false), Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("recurrent_f32_scalar");
        assertThat(RecurrentKernels.TABLE
                        .choose(problem(own(Kind.GRU), false), Capabilities.avx2())
                        .refusals())
                .containsExactly("recurrent_f32_vector: the weights are not packed");
    }

    @Test
    void otherElementTypesAndEmptySequencesHaveNoKernel() {
        assertThat(prepared(DType.FLOAT32, 2)).isNotNull();
        assertThat(prepared(DType.FLOAT64, 2)).isNull();
        assertThat(prepared(DType.FLOAT32, 0)).isNull();
    }

    private static Kernel prepared(DType type, long steps) {
        List<TensorType> in = List.of(
                new TensorType(type, Shape.of(steps, 1, 3)),
                new TensorType(type, Shape.of(1, 16, 3)),
                new TensorType(type, Shape.of(1, 16, 4)));
        List<TensorType> out = List.of(new TensorType(type, Shape.of(steps, 1, 1, 4)));
        return CoreKernels.set().prepare(LSTM.of(Attributes.none()), KernelRequest.of(in, out, Capabilities.SCALAR));
    }

    private static List<GateActivation> functions(Op op) {
        return switch (op) {
            case LSTM lstm -> lstm.functions();
            case GRU gru -> gru.functions();
            default -> ((RNN) op).functions();
        };
    }

    private static Cell own(Kind kind) {
        return new Cell(kind, functions(op(kind, Attributes.none())), Float.POSITIVE_INFINITY, false, false);
    }

    private static RecurrentProblem problem(Cell cell, boolean packed) {
        return new RecurrentProblem(cell, new RecurrentProblem.Sizes(1, 3, 4, 5, 37), false, false, packed, 8);
    }

    /** Cells with their default functions run first, so that the JIT compiler has seen no other functions. */
    private static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            cells.add(own(kind));
        }
        for (GateActivation.Kind f : GateActivation.Kind.values()) {
            cells.add(new Cell(Kind.RNN, functions(RNN.of(of(f, 1))), 3, false, false));
        }
        for (Kind kind : List.of(Kind.GRU, Kind.GRU_LINEAR, Kind.LSTM)) {
            Op op = op(kind, of(GateActivation.Kind.HARD_SIGMOID, kind.functions()));
            cells.add(new Cell(kind, functions(op), 3, kind == Kind.LSTM, false));
            cells.add(new Cell(kind, functions(op), Float.POSITIVE_INFINITY, false, kind == Kind.LSTM));
        }
        return cells;
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        boolean vector = Tier.capabilities().vector();
        for (Cell cell : cells()) {
            RecurrentProblem p = problem(cell, vector);
            Kernel kernel = RecurrentKernels.TABLE.prepare(p, Tier.capabilities());
            long f = Float.BYTES;
            long state = 3 * 37 * f;
            long columns = vector ? 128 : 37;
            int gates = cell.kind().gates();
            long rows = gates * columns;
            assertThat(KernelCheck.allocated(
                            kernel,
                            3 * 4 * 5 * f,
                            rows * 5 * f,
                            rows * 37 * f,
                            2L * gates * 37 * f,
                            0,
                            state,
                            state,
                            3 * 37 * f,
                            4 * state,
                            state,
                            state))
                    .as(kernel.id() + " of " + p)
                    .isZero();
        }
    }
}
