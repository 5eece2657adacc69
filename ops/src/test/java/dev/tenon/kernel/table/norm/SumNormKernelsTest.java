package dev.tenon.kernel.table.norm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.norm.SumNormProblem;
import dev.tenon.kernel.norm.SumNormProblem.Term;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
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

/** Kernels of normalised sums against the reference, with all tails, broadcasts and tables, and which one is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class SumNormKernelsTest {
    private static final LayerNormalization LAYER = new LayerNormalization(-1, 1e-5f, DType.FLOAT32);
    private static final RMSNormalization RMS = new RMSNormalization(-1, 1e-5f, DType.FLOAT32);

    private static Tensor indices(Random random, int bound, boolean wide, long... dims) {
        Tensor t = Tensor.allocate(wide ? DType.INT64 : DType.INT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt(-bound, bound));
        }
        return t;
    }

    /** The leading dimensions of a term that is added to a sum of leading dimensions 3, 2, 4. */
    private static long[] leading(Random random) {
        long[][] ways = {{3, 2, 4}, {2, 4}, {1, 2, 4}, {3, 1, 1}, {3, 2, 1}, {1, 2, 1}, {2, 1}, {4}, {}, {1, 1, 1}};
        return ways[random.nextInt(ways.length)];
    }

    private static long[] append(long[] dims, long last) {
        long[] longer = Arrays.copyOf(dims, dims.length + 1);
        longer[dims.length] = last;
        return longer;
    }

    @Property(tries = 40)
    void sumsOfAnyTerms(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int terms,
            @ForAll @IntRange(min = 8, max = 150) int length,
            @ForAll boolean layer,
            @ForAll boolean bias,
            @ForAll @IntRange(min = 1, max = 2) int outputs) {
        Random random = new Random(seed);
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(Literals.normal(random, length));
        inputs.add(bias && layer ? Literals.normal(random, length) : null);
        int whole = random.nextInt(terms);
        for (int i = 0; i < terms; i++) {
            long[] dims = i == whole ? new long[] {3, 2, 4} : leading(random);
            if (random.nextBoolean()) {
                int rows = 1 + random.nextInt(5);
                inputs.add(Literals.normal(random, rows, length));
                inputs.add(indices(random, rows, random.nextBoolean(), dims));
            } else {
                inputs.add(Literals.normal(random, append(dims, length)));
                inputs.add(null);
            }
        }
        Op op = new SumNormalization(layer ? LAYER : RMS);
        assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, outputs, Tier.capabilities()))
                .startsWith("sum_norm_f32");
    }

    @Test
    void rowsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            sumsOfAnyTerms(size, 1 + size % 4, 7 + size, size % 2 == 0, true, 2);
        }
    }

    @Test
    void theResultMayOverwriteTheFirstTermOrAnotherIfTheSumIsAnOutput() {
        Random random = new Random(7);
        SumNormalization op = new SumNormalization(LAYER);
        List<Datum> inputs = Collections.unmodifiableList(Arrays.asList(
                Literals.normal(random, 19),
                null,
                Literals.normal(random, 6, 19),
                null,
                Literals.normal(random, 6, 19),
                null,
                Literals.normal(random, 19)));
        List<Datum> expected = op.reference(new Operands(op, "", inputs, 1));
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(),
                op,
                inputs,
                List.of(((Tensor) expected.getFirst()).type()),
                false,
                Tier.capabilities());
        Kernel kernel = prepared.kernel();
        assertThat(kernel.inPlace(2, 0)).isTrue();
        assertThat(kernel.inPlace(4, 0)).isFalse();
        assertThat(kernel.inPlace(6, 0)).isFalse();
        Tensor apart = KernelRun.run(prepared, inputs).getFirst();
        assertThat(KernelCheck.inPlace(prepared, inputs, 2).contentEquals(apart))
                .isTrue();
        TensorType type = apart.type();
        Kernel both = KernelRun.prepare(CoreKernels.set(), op, inputs, List.of(type, type), false, Tier.capabilities())
                .kernel();
        assertThat(both.inPlace(4, 0)).isTrue();
        assertThat(both.inPlace(4, 1)).isFalse();
        assertThat(both.inPlace(2, 1)).isTrue();
    }

    @Test
    void tablesMayBeInAnyMemory() {
        NormProblem norm = new NormProblem(Kind.LAYER, 2, 20, 0, false, 4);
        SumNormProblem p = new SumNormProblem(norm, List.of(new Term(2, 3, Long.BYTES, 1, 2)), false);
        Kernel kernel = SumNormKernels.TABLE.prepare(p, Tier.capabilities());
        assertThat(kernel.copiesOnly(2)).isTrue();
        assertThat(kernel.copiesOnly(3)).isFalse();
        assertThat(kernel.copiesOnly(0)).isFalse();
    }

    @Test
    void termsThatRepeatAlongSeparateAxesHaveNoKernel() {
        TensorType whole = Tensor.allocate(DType.FLOAT32, 2, 3, 4, 8).type();
        KernelRequest step = KernelRequest.of(
                Arrays.asList(
                        Tensor.allocate(DType.FLOAT32, 8).type(),
                        null,
                        whole,
                        null,
                        Tensor.allocate(DType.FLOAT32, 2, 1, 4, 8).type()),
                List.of(whole),
                Capabilities.avx512());
        assertThat(CoreKernels.set().prepare(new SumNormalization(LAYER), step)).isNull();
    }

    @Test
    void vectorsAreSelectedWhereAvailable() {
        NormProblem norm = new NormProblem(Kind.LAYER, 2, 3, 0, false, 4);
        SumNormProblem p = new SumNormProblem(norm, List.of(new Term(2, -1, 0, 1, 2)), false);
        assertThat(SumNormKernels.TABLE.choose(p, Capabilities.avx2()).choice().id())
                .isEqualTo("sum_norm_f32_vector");
        assertThat(SumNormKernels.TABLE.choose(p, Capabilities.SCALAR).choice().id())
                .isEqualTo("sum_norm_f32_scalar");
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        NormProblem norm = new NormProblem(Kind.LAYER, 9, 77, 1e-5f, true, 6);
        List<Term> terms = List.of(new Term(2, -1, 0, 1, 9), new Term(4, 5, Long.BYTES, 3, 3));
        Kernel kernel = SumNormKernels.TABLE.prepare(new SumNormProblem(norm, terms, true), Tier.capabilities());
        long row = 77 * Float.BYTES;
        assertThat(KernelCheck.allocated(kernel, row, row, 9 * row, 8, 5 * row, 3 * Long.BYTES, 9 * row, 9 * row))
                .as(kernel.id())
                .isZero();
    }
}
