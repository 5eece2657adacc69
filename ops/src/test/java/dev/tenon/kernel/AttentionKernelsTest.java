package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of attention against the reference, around all tails and with everything that rules keys out. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class AttentionKernelsTest {
    private static final String FAMILY = "attention_f32";

    private static Tensor random(Random random, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextGaussian());
        }
        return t;
    }

    private static Tensor mask(Random random, boolean truth, long[] full) {
        int rank = 1 + random.nextInt(4);
        long[] dims = Arrays.copyOfRange(full, 4 - rank, 4);
        for (int d = 0; d < rank - 1; d++) {
            dims[d] = random.nextBoolean() ? 1 : dims[d];
        }
        if (random.nextInt(4) == 0) {
            dims[rank - 1] = 1 + random.nextLong(dims[rank - 1]);
        }
        Tensor t = Tensor.allocate(truth ? DType.BOOL : DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            if (truth) {
                t.setBoolean(i, random.nextInt(4) > 0);
            } else {
                t.setDouble(i, random.nextInt(4) == 0 ? Double.NEGATIVE_INFINITY : random.nextGaussian());
            }
        }
        return t;
    }

    @Property(tries = 200)
    void anyProblem(@ForAll long seed) {
        Random random = new Random(seed);
        long batch = 1 + random.nextLong(3);
        long keyHeads = 1 + random.nextLong(3);
        long heads = keyHeads * (1 + random.nextLong(3));
        int queries = 1 + random.nextInt(random.nextBoolean() ? 4 : 90);
        int added = 1 + random.nextInt(random.nextBoolean() ? 20 : 90);
        int size = 1 + random.nextInt(40);
        int valueSize = 1 + random.nextInt(40);
        boolean packed = random.nextBoolean();
        boolean withPast = random.nextInt(3) == 0;
        boolean withValid = !withPast && random.nextInt(3) == 0;
        int past = withPast ? random.nextInt(30) : 0;
        List<Tensor> in = new ArrayList<>();
        in.add(packed ? random(random, batch, queries, heads * size) : random(random, batch, heads, queries, size));
        in.add(packed ? random(random, batch, added, keyHeads * size) : random(random, batch, keyHeads, added, size));
        in.add(
                packed
                        ? random(random, batch, added, keyHeads * valueSize)
                        : random(random, batch, keyHeads, added, valueSize));
        boolean masked = random.nextBoolean();
        in.add(masked ? mask(random, random.nextBoolean(), new long[] {batch, heads, queries, past + added}) : null);
        in.add(withPast ? random(random, batch, keyHeads, past, size) : null);
        in.add(withPast ? random(random, batch, keyHeads, past, valueSize) : null);
        if (withValid) {
            Tensor valid = Tensor.allocate(DType.INT64, batch);
            for (int b = 0; b < batch; b++) {
                valid.setLong(b, random.nextLong(added + 1));
            }
            in.add(valid);
        } else {
            in.add(null);
        }
        Attention op = new Attention(
                random.nextBoolean(),
                packed ? (Long) heads : null,
                packed ? (Long) keyHeads : null,
                random.nextBoolean() ? null : (Float) 0.3f,
                random.nextInt(3) == 0 ? 2.5f : 0,
                0,
                null,
                random.nextInt(3) == 0 ? random.nextLong(5) : -1,
                random.nextInt(3) == 0 ? random.nextLong(5) : -1);
        int outputs = random.nextBoolean() ? 1 : 3;
        assertThat(KernelCheck.run(AttentionKernels.SET, op, in, outputs, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    @Property(tries = 100)
    void anyJoinedProblem(@ForAll long seed) {
        Random random = new Random(seed);
        long batch = 1 + random.nextLong(3);
        long keyHeads = 1 + random.nextLong(3);
        long heads = keyHeads * (1 + random.nextLong(3));
        int length = 1 + random.nextInt(90);
        int size = 1 + random.nextInt(40);
        boolean withPast = random.nextInt(3) == 0;
        int past = withPast ? random.nextInt(30) : 0;
        List<Tensor> in = new ArrayList<>();
        in.add(random(random, batch, length, (heads + 2 * keyHeads) * size));
        boolean masked = random.nextBoolean();
        in.add(masked ? mask(random, random.nextBoolean(), new long[] {batch, heads, length, past + length}) : null);
        in.add(withPast ? random(random, batch, keyHeads, past, size) : null);
        in.add(withPast ? random(random, batch, keyHeads, past, size) : null);
        QkvAttention op = new QkvAttention(
                new Attention(random.nextBoolean(), heads, keyHeads, null, 0, 0, null, -1, random.nextLong(-1, 5)));
        int outputs = random.nextBoolean() ? 1 : 3;
        assertThat(KernelCheck.run(AttentionKernels.SET, op, in, outputs, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** What a mask rules out does not count, even if it is not a number. */
    @Test
    void keysThatAreRuledOutMayHoldAnything() {
        Random random = new Random(5);
        Tensor q = random(random, 1, 2, 20, 8);
        Tensor k = random(random, 1, 2, 50, 8);
        Tensor v = random(random, 1, 2, 50, 8);
        Tensor mask = Tensor.allocate(DType.BOOL, 1, 50);
        for (int j = 0; j < 50; j++) {
            mask.setBoolean(j, j != 7 && j != 49);
        }
        for (int h = 0; h < 2; h++) {
            k.setDouble((h * 50L + 7) * 8 + 3, Double.NaN);
            v.setDouble((h * 50L + 7) * 8 + 5, Double.NaN);
            v.setDouble((h * 50L + 49) * 8, Double.POSITIVE_INFINITY);
        }
        Attention op = new Attention(false, null, null, null, 0, 0, null, -1, -1);
        List<Tensor> in = Arrays.asList(q, k, v, mask);
        assertThat(KernelCheck.run(AttentionKernels.SET, op, in, 1, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** More keys than go through softmax at a time, with a later maximum, and heads that take several products. */
    @Property(tries = 12)
    void manyKeysAndWideHeads(@ForAll long seed) {
        Random random = new Random(seed);
        int keys = 500 + random.nextInt(700);
        int size = random.nextBoolean() ? 7 : 520;
        int valueSize = random.nextBoolean() ? 40 : 70;
        Tensor q = random(random, 1, 1, 14, size);
        Tensor k = random(random, 1, 1, keys, size);
        Tensor v = random(random, 1, 1, keys, valueSize);
        for (int j = 0; j < keys; j++) {
            k.setDouble((long) j * size, j * 0.02 * (random.nextBoolean() ? 1 : -1));
        }
        Tensor mask = random.nextInt(3) > 0 ? mask(random, true, new long[] {1, 1, 14, keys}) : null;
        if (mask != null && random.nextBoolean()) {
            for (long i = 0; i < mask.size(); i++) {
                mask.setBoolean(i, mask.getBoolean(i) && i % keys != keys - 1);
            }
            v.setDouble(v.size() - 1, Double.NaN);
        }
        Attention op = new Attention(random.nextInt(4) == 0, null, null, null, 0, 0, null, -1, -1);
        assertThat(KernelCheck.run(AttentionKernels.SET, op, Arrays.asList(q, k, v, mask), 1, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    @Test
    void withoutKeysOrQueriesThereIsNothingToDo() {
        Attention op = new Attention(true, null, null, null, 0, 0, null, -1, -1);
        for (int[] lengths : new int[][] {{3, 0}, {0, 3}, {0, 0}}) {
            Tensor q = Tensor.allocate(DType.FLOAT32, 1, 2, lengths[0], 8);
            Tensor k = Tensor.allocate(DType.FLOAT32, 1, 2, lengths[1], 8);
            assertThat(KernelCheck.run(AttentionKernels.SET, op, List.of(q, k, k), 3, Tier.capabilities()))
                    .startsWith(FAMILY);
        }
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        for (boolean causal : new boolean[] {true, false}) {
            Attention op = new Attention(causal, null, null, null, 0, 0, null, -1, -1);
            for (long[] dims : new long[][] {{1, 2, 70, 40}, {1, 3, 16, 32}, {1, 1, 600, 20}}) {
                Tensor q = Tensor.allocate(DType.FLOAT32, dims);
                StepRequest step =
                        StepRequest.of(List.of(q.type(), q.type(), q.type()), List.of(q.type()), Tier.capabilities());
                Kernel kernel = AttentionKernels.SET.prepare(op, step);
                assertThat(KernelCheck.allocated(kernel, q.byteSize(), q.byteSize(), q.byteSize(), q.byteSize()))
                        .as(op + " of " + q)
                        .isZero();
            }
        }
    }
}
