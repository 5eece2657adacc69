package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.conv.SqueezeExciteProblem;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Planes;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tanh;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of squeeze-and-excitation against the reference, with all tails, both layouts, and epilogues. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class SqueezeExciteKernelsTest {
    private static final List<SqueezeExcite> OPERATORS = List.of(
            new SqueezeExcite(new Relu(), new HardSigmoid(0.2f, 0.5f)),
            new SqueezeExcite(new Swish(1), new Sigmoid()),
            new SqueezeExcite(new HardSwish(), new HardSigmoid(1 / 6f, 0.5f)),
            new SqueezeExcite(new Tanh(), new Tanh()),
            new SqueezeExcite(new Softplus(), new Relu()),
            new SqueezeExcite(new LeakyRelu(1), new Sigmoid()),
            new SqueezeExcite(new Elu(0.5f), new Sigmoid()));

    private static Tensor normal(Random random, double scale, long... dims) {
        return Literals.normal(random, scale, DType.FLOAT32, dims);
    }

    /** Operands whose weights are scaled so that sums are about as large as their terms. */
    private static List<Datum> operands(
            Random random, boolean last, int instances, int channels, int squeezed, int height, int width, int biases) {
        List<Datum> operands = new ArrayList<>();
        operands.add(
                last
                        ? normal(random, 1, instances, height, width, channels)
                        : normal(random, 1, instances, channels, height, width));
        operands.add(normal(random, 1.0 / channels, squeezed, channels, 1, 1));
        operands.add(normal(random, 1.0 / squeezed, channels, squeezed, 1, 1));
        operands.add((biases & 1) == 0 ? null : normal(random, 1, squeezed));
        operands.add((biases & 2) == 0 ? null : normal(random, 1, channels));
        return operands;
    }

    private static Op placed(SqueezeExcite op, boolean last) {
        return last ? new ChannelsLast(op) : op;
    }

    @Property(tries = 40)
    void planesOfAnySize(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 2) int instances,
            @ForAll @IntRange(min = 1, max = 70) int channels,
            @ForAll @IntRange(min = 1, max = 40) int squeezed,
            @ForAll @IntRange(min = 1, max = 11) int height,
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 0, max = 3) int biases,
            @ForAll boolean last,
            @ForAll boolean constant) {
        Random random = new Random(seed);
        SqueezeExcite op = OPERATORS.get(random.nextInt(OPERATORS.size()));
        List<Datum> operands = operands(random, last, instances, channels, squeezed, height, width, biases);
        String id = KernelCheck.run(CoreKernels.set(), placed(op, last), operands, 1, constant, Tier.capabilities());
        assertThat(id)
                .startsWith(
                        constant && Tier.capabilities().vector()
                                ? "squeeze_excite_f32_vector"
                                : "squeeze_excite_f32_scalar");
    }

    @Test
    void planesAroundEveryTail() {
        for (int size : Tails.sizes()) {
            planesOfAnySize(size, 2, 5, 3, 2, size, 3, false, true);
            planesOfAnySize(size, 1, size, 1 + size % 9, 3, 5, 3, true, true);
        }
    }

    @ParameterizedTest
    @CsvSource({"96, 24, 41, 40, true", "96, 24, 41, 40, false", "7, 3, 120, 111, true", "480, 120, 9, 30, true"})
    void planesOfSeveralBlocks(int channels, int squeezed, int height, int width, boolean last) {
        List<Datum> operands = operands(new Random(3), last, 2, channels, squeezed, height, width, 3);
        KernelCheck.run(CoreKernels.set(), placed(OPERATORS.getFirst(), last), operands, 1, true, Tier.capabilities());
    }

    /** The result plus the input, times a number for each channel, as text detectors have it. */
    private static Fused followed(boolean last) {
        int gated = 7;
        return new Fused(
                gated,
                new Fused.Part(placed(OPERATORS.getFirst(), last), List.of(0, 1, 2, 3, 4)),
                List.of(
                        new Fused.Part(new Add(), List.of(5, gated)),
                        new Fused.Part(new Mul(), List.of(gated + 1, 6))));
    }

    @Property(tries = 15)
    void epiloguesRunOnEachTile(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 70) int channels,
            @ForAll @IntRange(min = 1, max = 9) int height,
            @ForAll @IntRange(min = 1, max = 90) int width,
            @ForAll boolean last,
            @ForAll boolean constant) {
        Random random = new Random(seed);
        List<Datum> operands = operands(random, last, 2, channels, 5, height, width, 3);
        operands.add(operands.getFirst());
        operands.add(last ? normal(random, 1, channels) : normal(random, 1, channels, 1, 1));
        String id = KernelCheck.run(CoreKernels.set(), followed(last), operands, 1, constant, Tier.capabilities());
        assertThat(id).startsWith("squeeze_excite_f32");
    }

    /** If the epilogue reads one of the weights, neither is packed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void weightsThatTheEpilogueReadsAreNotPacked(boolean constant) {
        List<Datum> operands = operands(new Random(7), false, 2, 20, 1, 5, 7, 0).subList(0, SqueezeExcite.FIRST_BIAS);
        Fused op = new Fused(
                SqueezeExcite.FIRST_BIAS,
                new Fused.Part(OPERATORS.getFirst(), List.of(0, 1, 2)),
                List.of(new Fused.Part(new Add(), List.of(SqueezeExcite.FIRST_BIAS, 1))));
        String id = KernelCheck.run(CoreKernels.set(), op, operands, 1, constant, Tier.capabilities());
        assertThat(id).startsWith("squeeze_excite_f32");
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void theResultMayOverwriteTheInput(boolean last, boolean scalar) {
        Capabilities machine = scalar ? Capabilities.SCALAR : Tier.capabilities();
        List<Datum> operands = Collections.unmodifiableList(operands(new Random(5), last, 2, 20, 6, 13, 11, 2));
        Op op = placed(OPERATORS.getFirst(), last);
        Tensor expected =
                (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
        KernelRun.Prepared prepared =
                KernelRun.prepare(CoreKernels.set(), op, operands, List.of(expected.type()), false, machine);
        assertThat(prepared.kernel().inPlace(0, 0)).isTrue();
        assertThat(prepared.kernel().inPlace(1, 0)).isFalse();
        Tensor apart = KernelRun.run(prepared, operands).getFirst();
        assertThat(KernelCheck.inPlace(prepared, operands, 0).contentEquals(apart))
                .isTrue();
    }

    @Test
    void theBodyMayBroadcastTheResult() {
        Random random = new Random(6);
        for (boolean last : new boolean[] {true, false}) {
            List<Datum> operands = operands(random, last, 1, 16, 4, 1, 3, 3);
            operands.add(last ? normal(random, 1, 2, 5, 3, 16) : normal(random, 1, 2, 16, 5, 3));
            Fused op = new Fused(
                    6,
                    new Fused.Part(placed(OPERATORS.getFirst(), last), List.of(0, 1, 2, 3, 4)),
                    List.of(new Fused.Part(new Add(), List.of(0, 6)), new Fused.Part(new Add(), List.of(5, 7))));
            assertThat(KernelCheck.run(CoreKernels.set(), op, operands, 1, true, Tier.capabilities()))
                    .startsWith("squeeze_excite_f32");
        }
    }

    @Test
    void vectorsAreSelectedForPackedWeights() {
        SqueezeExciteProblem packed = problem(new Planes(1, 8, 4, true), true);
        SqueezeExciteProblem plain = problem(new Planes(1, 8, 4, true), false);
        assertThat(SqueezeExciteKernels.TABLE
                        .choose(packed, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("squeeze_excite_f32_vector");
        assertThat(SqueezeExciteKernels.TABLE
                        .choose(plain, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("squeeze_excite_f32_scalar");
        assertThat(SqueezeExciteKernels.TABLE
                        .choose(packed, Capabilities.SCALAR)
                        .choice())
                .isNull();
    }

    private static SqueezeExciteProblem problem(Planes planes, boolean packed) {
        return new SqueezeExciteProblem(planes, 9, packed, 3, 4, new Relu(), new HardSigmoid(0.2f, 0.5f), null);
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        for (boolean last : new boolean[] {true, false}) {
            List<Datum> operands = operands(new Random(8), last, 2, 27, 9, 9, 37, 3);
            KernelRun.Prepared prepared = KernelRun.prepare(
                    CoreKernels.set(),
                    placed(OPERATORS.getFirst(), last),
                    operands,
                    List.of(((Tensor) operands.getFirst()).type()),
                    true,
                    Tier.capabilities());
            KernelRequest step = prepared.request();
            long[] bytes = new long[operands.size() + 2];
            for (int i = 0; i < operands.size(); i++) {
                bytes[i] = step.layout(i).byteSize(step.inputs().get(i));
            }
            bytes[operands.size()] = bytes[0];
            bytes[operands.size() + 1] = prepared.kernel().sharedBytes();
            assertThat(KernelCheck.allocated(prepared.kernel(), bytes))
                    .as(prepared.kernel().id())
                    .isZero();
        }
    }
}
