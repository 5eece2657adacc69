package dev.tenon.kernel.table.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.fused.RoundedAttention;
import dev.tenon.op.fused.RoundedAttention.Rounding;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of attention against the reference, around all tails, with masks, causality, windows and lengths. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class AttentionKernelsTest {
    private static final String FAMILY = "attention_f32";

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

    @Property(tries = 30)
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
        in.add(
                packed
                        ? Literals.normal(random, batch, queries, heads * size)
                        : Literals.normal(random, batch, heads, queries, size));
        in.add(
                packed
                        ? Literals.normal(random, batch, added, keyHeads * size)
                        : Literals.normal(random, batch, keyHeads, added, size));
        in.add(
                packed
                        ? Literals.normal(random, batch, added, keyHeads * valueSize)
                        : Literals.normal(random, batch, keyHeads, added, valueSize));
        boolean masked = random.nextBoolean();
        in.add(masked ? mask(random, random.nextBoolean(), new long[] {batch, heads, queries, past + added}) : null);
        in.add(withPast ? Literals.normal(random, batch, keyHeads, past, size) : null);
        in.add(withPast ? Literals.normal(random, batch, keyHeads, past, valueSize) : null);
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
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, outputs, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    @Property(tries = 12)
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
        in.add(Literals.normal(random, batch, length, (heads + 2 * keyHeads) * size));
        boolean masked = random.nextBoolean();
        in.add(masked ? mask(random, random.nextBoolean(), new long[] {batch, heads, length, past + length}) : null);
        in.add(withPast ? Literals.normal(random, batch, keyHeads, past, size) : null);
        in.add(withPast ? Literals.normal(random, batch, keyHeads, past, size) : null);
        QkvAttention op = new QkvAttention(
                new Attention(random.nextBoolean(), heads, keyHeads, null, 0, 0, null, -1, random.nextLong(-1, 5)));
        int outputs = random.nextBoolean() ? 1 : 3;
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, outputs, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /**
     * Rounded operands. All keys are as likely, or one key alone: so no probability is between two integers, where kernels
     * might differ.
     */
    @Property(tries = 12)
    void anyRoundedProblem(@ForAll long seed) {
        Random random = new Random(seed);
        long batch = 1 + random.nextLong(3);
        long heads = 1 + random.nextLong(3);
        int size = 1 + random.nextInt(40);
        int keys = 1 << random.nextInt(7);
        boolean joined = random.nextBoolean();
        int queries = joined ? keys : 1 + random.nextInt(90);
        Tensor q = Literals.normal(random, batch, heads, queries, size);
        Tensor k = Literals.normal(random, batch, heads, keys, size);
        Tensor v = Literals.normal(random, batch, heads, keys, joined ? size : 1 + random.nextInt(40));
        for (long i = 0; i < k.size(); i++) {
            k.setDouble(i, i % size == 0 ? i / size % keys * 0.25 : 0.1 * k.getDouble(i) % 0.1);
        }
        for (long i = 0; i < q.size(); i += size) {
            q.setDouble(i, random.nextBoolean() ? 0.1 : random.nextBoolean() ? 99 : -99);
        }
        Rounding grid = new Rounding(0.25f, -100, 100);
        RoundedAttention op =
                new RoundedAttention(joined ? (Long) heads : null, 8, grid, grid, grid, new Rounding(1f / 256, 0, 255));
        List<Tensor> in = joined ? List.of(joined(q, k, v)) : List.of(q, k, v);
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** Operands [batch, heads, length, size] as one, [batch, length, 3 * heads * size]. */
    private static Tensor joined(Tensor... parts) {
        long batch = parts[0].dim(0);
        long heads = parts[0].dim(1);
        long length = parts[0].dim(2);
        long size = parts[0].dim(3);
        Tensor all = Tensor.allocate(DType.FLOAT32, batch, length, parts.length * heads * size);
        for (int part = 0; part < parts.length; part++) {
            for (long i = 0; i < parts[part].size(); i++) {
                long head = i / size / length % heads;
                long row = i / size / length / heads * length + i / size % length;
                all.setDouble(((row * parts.length + part) * heads + head) * size + i % size, parts[part].getDouble(i));
            }
        }
        return all;
    }

    /** Masked keys and values do not count, even if they are NaN. */
    @Test
    void maskedKeysMayHoldAnything() {
        Random random = new Random(5);
        Tensor q = Literals.normal(random, 1, 2, 20, 8);
        Tensor k = Literals.normal(random, 1, 2, 50, 8);
        Tensor v = Literals.normal(random, 1, 2, 50, 8);
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
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** More keys than one block of the softmax has, with a maximum in a later block, and heads that take several products. */
    @Property(tries = 3)
    void manyKeysAndWideHeads(@ForAll long seed) {
        Random random = new Random(seed);
        int keys = 500 + random.nextInt(700);
        int size = random.nextBoolean() ? 7 : 520;
        int valueSize = random.nextBoolean() ? 40 : 70;
        Tensor q = Literals.normal(random, 1, 1, 14, size);
        Tensor k = Literals.normal(random, 1, 1, keys, size);
        Tensor v = Literals.normal(random, 1, 1, keys, valueSize);
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
        assertThat(KernelCheck.run(CoreKernels.set(), op, Arrays.asList(q, k, v, mask), 1, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** Sliding windows, where the range of visible keys depends on the queries of a tile, with and without a KV cache. */
    @Property(tries = 8)
    void longWindows(@ForAll long seed) {
        Random random = new Random(seed);
        boolean few = random.nextBoolean();
        int group = 1 << random.nextInt(3);
        int queries = few ? 1 + random.nextInt(3) : 1 + random.nextInt(400);
        int past = random.nextInt(3) == 0 ? 0 : random.nextInt(900);
        int added = random.nextInt(4) == 0 ? 1 + random.nextInt(700) : queries;
        int size = 1 + random.nextInt(20);
        List<Tensor> in = new ArrayList<>();
        in.add(Literals.normal(random, 1, group, queries, size));
        in.add(Literals.normal(random, 1, 1, added, size));
        in.add(Literals.normal(random, 1, 1, added, size + 1));
        in.add(
                random.nextInt(3) == 0
                        ? mask(random, random.nextBoolean(), new long[] {1, group, queries, past + added})
                        : null);
        in.add(past == 0 ? null : Literals.normal(random, 1, 1, past, size));
        in.add(past == 0 ? null : Literals.normal(random, 1, 1, past, size + 1));
        if (random.nextInt(3) == 0) {
            // Its key is visible to some queries or to none.
            Tensor values = past > 0 && random.nextBoolean() ? in.get(5) : in.get(2);
            values.setDouble(random.nextLong(values.size()), Double.NaN);
        }
        Attention op = new Attention(
                random.nextInt(3) > 0,
                null,
                null,
                null,
                0,
                0,
                null,
                random.nextBoolean() ? -1 : random.nextLong(600),
                random.nextBoolean() ? -1 : random.nextLong(600));
        int outputs = random.nextBoolean() ? 1 : 3;
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, outputs, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** Numbers of keys around whole vectors, for heads whose sizes are whole vectors or are not. */
    @Test
    void fewQueriesOfAnyNumberOfKeys() {
        Random random = new Random(9);
        for (int keys = 1; keys <= 67; keys++) {
            if (!Exhaustive.isOn() && keys > 9 && keys % 8 != 7 && keys % 8 > 1) {
                continue;
            }
            for (int group : new int[] {1, 2, 4}) {
                int queries = 1 + random.nextInt(group == 4 ? 2 : 3);
                int size = List.of(1, 8, 16, 20, 31, 32, 48, 64, 70).get(random.nextInt(9));
                int valueSize = List.of(1, 8, 16, 20, 31, 32, 48, 64, 70).get(random.nextInt(9));
                int past = random.nextInt(keys);
                Tensor q = Literals.normal(random, 2, queries, 2L * group * size);
                Tensor k = Literals.normal(random, 2, keys - past, 2L * size);
                Tensor v = Literals.normal(random, 2, keys - past, 2L * valueSize);
                Tensor pastKeys = past == 0 ? null : Literals.normal(random, 2, 2, past, size);
                Tensor pastValues = past == 0 ? null : Literals.normal(random, 2, 2, past, valueSize);
                Tensor mask = random.nextBoolean()
                        ? mask(random, random.nextBoolean(), new long[] {2, 2L * group, queries, keys})
                        : null;
                boolean causal = random.nextBoolean();
                Attention op =
                        new Attention(causal, 2L * group, 2L, null, random.nextInt(3) == 0 ? 3f : 0, 0, null, -1, -1);
                List<Tensor> in = Arrays.asList(q, k, v, mask, pastKeys, pastValues);
                String id =
                        KernelCheck.run(CoreKernels.set(), op, in, random.nextBoolean() ? 1 : 3, Tier.capabilities());
                assertThat(id).startsWith(Tier.name().equals("plain") ? FAMILY : FAMILY + "_direct");
            }
        }
    }

    /** Keys that no query sees do not count. A query that sees no key gives zeros. */
    @Test
    void wholeRowsAndHeadsMayBeMasked() {
        Random random = new Random(17);
        for (int queries : new int[] {1, 3, 30}) {
            for (boolean truth : new boolean[] {true, false}) {
                Tensor q = Literals.normal(random, 2, 2, queries, 16);
                Tensor k = Literals.normal(random, 2, 1, 40, 16);
                Tensor v = Literals.normal(random, 2, 1, 40, 24);
                Tensor mask = Tensor.allocate(truth ? DType.BOOL : DType.FLOAT32, 2, 1, queries, 40);
                for (long i = 0; i < mask.size(); i++) {
                    boolean seen = i >= mask.size() / 2 && i / 40 % queries != 1 && i % 40 != 5;
                    if (truth) {
                        mask.setBoolean(i, seen);
                    } else {
                        mask.setDouble(i, seen ? 0.5 : Double.NEGATIVE_INFINITY);
                    }
                }
                k.setDouble((40 + 5) * 16, Double.POSITIVE_INFINITY);
                v.setDouble((40 + 5) * 24 + 23, Double.NEGATIVE_INFINITY);
                v.setDouble(3, Double.NaN);
                Attention op = new Attention(false, null, null, null, 0, 0, null, -1, -1);
                assertThat(KernelCheck.run(CoreKernels.set(), op, Arrays.asList(q, k, v, mask), 1, Tier.capabilities()))
                        .startsWith(FAMILY);
            }
        }
    }

    /** A mask that all queries share: it is zero in one sequence, and masks a key that is not finite in another. */
    @Test
    void masksOfZerosAndOthers() {
        Random random = new Random(29);
        for (int queries : new int[] {1, 3, 30}) {
            for (boolean truth : new boolean[] {true, false}) {
                Tensor q = Literals.normal(random, 3, 2, queries, 16);
                Tensor k = Literals.normal(random, 3, 2, 40, 16);
                Tensor v = Literals.normal(random, 3, 2, 40, 24);
                Tensor mask = Tensor.allocate(truth ? DType.BOOL : DType.FLOAT32, 3, 1, 1, 40);
                for (long i = 0; i < mask.size(); i++) {
                    boolean seen = i != 40 + 5;
                    if (truth) {
                        mask.setBoolean(i, seen);
                    } else {
                        mask.setDouble(i, seen ? i % 2 == 0 ? 0.0 : -0.0 : Double.NEGATIVE_INFINITY);
                    }
                }
                k.setDouble((80 + 5) * 16, Double.POSITIVE_INFINITY);
                v.setDouble((80 + 5) * 24 + 23, Double.NaN);
                v.setDouble(7 * 24 + 3, Double.NEGATIVE_INFINITY);
                Attention op = new Attention(false, null, null, null, 0, 0, null, -1, -1);
                assertThat(KernelCheck.run(CoreKernels.set(), op, Arrays.asList(q, k, v, mask), 1, Tier.capabilities()))
                        .startsWith(FAMILY);
            }
        }
    }

    /** NaN and infinities among values that some queries see. */
    @Test
    void visibleValuesMayBeInfiniteOrNaN() {
        Random random = new Random(23);
        for (int queries : new int[] {2, 40}) {
            for (boolean causal : new boolean[] {false, true}) {
                for (double special : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                    Tensor q = Literals.normal(random, 1, 2, queries, 16);
                    Tensor k = Literals.normal(random, 1, 2, 40, 16);
                    Tensor v = Literals.normal(random, 1, 2, 40, 32);
                    v.setDouble(queries * 32L - 1, special);
                    Attention op = new Attention(causal, null, null, null, 0, 0, null, -1, -1);
                    assertThat(KernelCheck.run(CoreKernels.set(), op, Arrays.asList(q, k, v), 1, Tier.capabilities()))
                            .startsWith(FAMILY);
                }
            }
        }
    }

    private static Kernel kernel(Attention op, Tensor q, Tensor k) {
        return CoreKernels.set()
                .prepare(
                        op,
                        KernelRequest.of(
                                List.of(q.type(), k.type(), k.type()),
                                List.of(q.type()),
                                Tier.capabilities().withInstructions(Set.of())));
    }

    /** Few heads with many queries are split into parts by their queries. */
    @Test
    @Tag("widest")
    void fewLongHeadsHaveSeveralParts() {
        Random random = new Random(3);
        Attention op = new Attention(true, null, null, null, 0, 0, null, -1, -1);
        Tensor q = Literals.normal(random, 1, 2, 500, 64);
        Tensor k = Literals.normal(random, 1, 1, 500, 64);
        Tensor v = Literals.normal(random, 1, 1, 500, 64);
        Kernel kernel = kernel(op, q, k);
        if (!Tier.name().equals("plain")) {
            assertThat(kernel.nextStage()).isNotNull();
            assertThat(kernel.nextStage().parts()).isGreaterThan(4);
        }
        assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(q, k, v), 1, Tier.capabilities()))
                .startsWith(FAMILY);
        List<Tensor> fewerKeys =
                List.of(q, Literals.normal(random, 1, 1, 90, 64), Literals.normal(random, 1, 1, 90, 64));
        assertThat(KernelCheck.run(CoreKernels.set(), op, fewerKeys, 3, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** Many heads whose rows are interleaved: all heads of a sequence are one part. */
    @Property(tries = 5)
    void manyHeadsOfTheSameRows(@ForAll long seed) {
        Random random = new Random(seed);
        long batch = 4 + random.nextLong(9);
        long keyHeads = 8 + random.nextLong(5);
        long heads = keyHeads * (1 + random.nextLong(2));
        int queries = 13 + random.nextInt(20);
        int keys = 13 + random.nextInt(20);
        int size = 1 + random.nextInt(33);
        int valueSize = 1 + random.nextInt(33);
        boolean causal = random.nextBoolean();
        boolean joined = random.nextBoolean();
        Attention attention = new Attention(causal, heads, keyHeads, null, 0, 0, null, -1, -1);
        Op op = joined ? new QkvAttention(attention) : attention;
        List<Tensor> in = joined
                ? List.of(Literals.normal(random, batch, queries, (heads + 2 * keyHeads) * size))
                : List.of(
                        Literals.normal(random, batch, queries, heads * size),
                        Literals.normal(random, batch, keys, keyHeads * size),
                        Literals.normal(random, batch, keys, keyHeads * valueSize));
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** Few queries and heads with many keys: each span of keys is a part, and a second stage adds up their results. */
    @Property(tries = 4)
    @net.jqwik.api.Tag("widest")
    void longHeadsOfFewQueriesHaveSeveralParts(@ForAll long seed) {
        Random random = new Random(seed);
        int keyHeads = 1 + random.nextInt(2);
        int queries = 1 + random.nextInt(3);
        int past = random.nextInt(3) == 0 ? 0 : 2500 + random.nextInt(2000);
        int added = past > 0 ? queries : 3000 + random.nextInt(2000);
        int size = 60 + random.nextInt(10);
        int valueSize = 60 + random.nextInt(10);
        List<Tensor> in = new ArrayList<>();
        in.add(Literals.normal(random, 1, 2L * keyHeads, queries, size));
        in.add(Literals.normal(random, 1, keyHeads, added, size));
        in.add(Literals.normal(random, 1, keyHeads, added, valueSize));
        // A mask may be shorter than the keys.
        long seen = random.nextBoolean() ? past + added : 1 + random.nextInt(past + added);
        in.add(
                random.nextInt(3) == 0
                        ? mask(random, random.nextBoolean(), new long[] {1, 2L * keyHeads, queries, seen})
                        : null);
        in.add(past == 0 ? null : Literals.normal(random, 1, keyHeads, past, size));
        in.add(past == 0 ? null : Literals.normal(random, 1, keyHeads, past, valueSize));
        in.add(past > 0 || random.nextBoolean() ? null : Tensor.of(new long[] {random.nextInt(added + 1)}));
        if (random.nextInt(3) == 0) {
            Tensor values = past > 0 ? in.get(5) : in.get(2);
            values.setDouble(random.nextLong(values.size()), random.nextBoolean() ? Double.NaN : 1e30);
        }
        Attention op = new Attention(
                random.nextBoolean(),
                null,
                null,
                null,
                random.nextInt(4) == 0 ? 3f : 0,
                0,
                null,
                random.nextInt(3) > 0 ? -1 : random.nextLong(3000),
                -1);
        int outputs = past > 0 && random.nextBoolean() ? 3 : 1;
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, outputs, Tier.capabilities()))
                .startsWith(FAMILY);
    }

    /** Keys beyond the end of a mask are masked, even if a whole span of keys is beyond it. */
    @Test
    @Tag("vector")
    void aMaskMayEndBeforeASpanBegins() {
        Random random = new Random(31);
        // Enough keys to be split into spans.
        int keys = 8000;
        Tensor k = Literals.normal(random, 1, 1, keys, 64);
        Tensor v = Literals.normal(random, 1, 1, keys, 64);
        Attention op = new Attention(false, null, null, null, 0, 0, null, -1, -1);
        for (int queries : new int[] {1, 3}) {
            Tensor q = Literals.normal(random, 1, 2, queries, 64);
            for (int seen : new int[] {2, 3000}) {
                // Each head has a mask of its own, because a mask that heads share takes another path.
                Tensor terms = Literals.normal(random, 2, queries, seen);
                Tensor truth = Tensor.allocate(DType.BOOL, 2, queries, seen);
                for (long i = 0; i < truth.size(); i++) {
                    truth.setBoolean(i, i % 5 != 3);
                }
                for (Tensor mask : List.of(terms, truth)) {
                    List<Datum> in = List.of(q, k, v, mask);
                    KernelRun.Prepared prepared =
                            KernelRun.prepare(CoreKernels.set(), op, in, List.of(q.type()), false, Tier.capabilities());
                    assertThat(prepared.kernel().parts()).isGreaterThan(1);
                    assertThat(prepared.kernel().nextStage()).isNotNull();
                    assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, Tier.capabilities()))
                            .startsWith(FAMILY);
                }
            }
        }
    }

    /** The number of spans depends on shapes only. */
    @Test
    void spansAreForFewLongHeads() {
        Attention op = new Attention(false, null, null, null, 0, 0, null, -1, -1);
        Tensor one = Tensor.allocate(DType.FLOAT32, 1, 8, 1, 128);
        Tensor shared = Tensor.allocate(DType.FLOAT32, 1, 1, 8192, 128);
        Tensor many = Tensor.allocate(DType.FLOAT32, 32, 8, 1, 128);
        Tensor own = Tensor.allocate(DType.FLOAT32, 32, 8, 1024, 128);
        if (!Tier.name().equals("plain")) {
            Kernel kernel = kernel(op, one, shared);
            assertThat(kernel.parts()).isEqualTo(16);
            assertThat(kernel.nextStage().parts()).isEqualTo(1);
            assertThat(kernel(op, many, own).parts()).isEqualTo(256);
            assertThat(kernel(op, many, own).nextStage()).isNull();
        }
    }

    /** No kernel keeps the scores of all queries and keys. */
    @Test
    void memoryDoesNotGrowWithQueries() {
        for (boolean causal : new boolean[] {false, true}) {
            Attention op = new Attention(causal, null, null, null, 0, 0, null, -1, -1);
            Tensor keys = Tensor.allocate(DType.FLOAT32, 1, 1, 4096, 16);
            long[] bytes = new long[3];
            for (int i = 0; i < bytes.length; i++) {
                Kernel kernel = kernel(op, Tensor.allocate(DType.FLOAT32, 1, 1, 1024L << i, 16), keys);
                bytes[i] = kernel.scratchBytes() + kernel.sharedBytes();
            }
            // Keys and values in panels, and mask terms of a tile.
            assertThat(bytes[0]).isLessThan(4 * 2 * keys.byteSize());
            assertThat(bytes[1]).isEqualTo(bytes[0]);
            assertThat(bytes[2]).isEqualTo(bytes[0]);
        }
    }

    @Test
    void emptyKeysOrQueriesGiveEmptyOrZeroOutputs() {
        Attention op = new Attention(true, null, null, null, 0, 0, null, -1, -1);
        for (int[] lengths : new int[][] {{3, 0}, {0, 3}, {0, 0}}) {
            Tensor q = Tensor.allocate(DType.FLOAT32, 1, 2, lengths[0], 8);
            Tensor k = Tensor.allocate(DType.FLOAT32, 1, 2, lengths[1], 8);
            assertThat(KernelCheck.run(CoreKernels.set(), op, List.of(q, k, k), 3, Tier.capabilities()))
                    .startsWith(FAMILY);
        }
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        for (boolean causal : new boolean[] {true, false}) {
            Attention op = new Attention(causal, null, null, null, 0, 0, null, -1, -1);
            for (long[] dims : new long[][] {
                {1, 2, 70, 40}, {1, 3, 16, 32}, {1, 1, 600, 20}, {1, 1, 600, 64}, {1, 2, 3, 40}, {1, 2, 8, 64}
            }) {
                Tensor q = Tensor.allocate(DType.FLOAT32, dims);
                Kernel kernel = kernel(op, q, q);
                long bytes = q.byteSize();
                assertThat(KernelCheck.allocated(kernel, bytes, bytes, bytes, bytes, kernel.sharedBytes()))
                        .as(op + " of " + q)
                        .isZero();
            }
        }
    }
}
