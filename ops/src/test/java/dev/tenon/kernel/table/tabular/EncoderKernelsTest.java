package dev.tenon.kernel.table.tabular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.shape.OneHot;
import dev.tenon.op.tabular.LabelEncoder;
import dev.tenon.op.tabular.OneHotEncoder;
import dev.tenon.op.text.TfIdfVectorizer;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.SeedInFailures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Kernels of encoders give the bits of the reference, for all element types and around the ends of blocks and parts. */
class EncoderKernelsTest {
    private static final List<DType> NUMBERS =
            List.of(DType.INT64, DType.INT32, DType.INT16, DType.FLOAT32, DType.FLOAT64);
    private static final long[] COUNTS = {1, 2, 63, 1023, 1024, 1025, 3000};
    private static final int LARGE = 40_000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @RegisterExtension
    final SeedInFailures failures = new SeedInFailures(seed);

    private static KernelRun.Prepared prepare(Op op, List<Datum> inputs) {
        return KernelRun.prepare(
                CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, 1), false, Capabilities.SCALAR);
    }

    private static void check(Op op, String kernel, Tensor... operands) {
        List<Datum> inputs = List.of(operands);
        KernelRun.Prepared prepared = prepare(op, inputs);
        assertThat(prepared).as("a kernel of %s", op).isNotNull();
        assertThat(prepared.kernel().id()).isEqualTo(kernel);
        Tensor expected = (Tensor) op.reference(new Operands(op, "", inputs, 1)).getFirst();
        Tensor found = KernelRun.run(prepared, inputs).getFirst();
        assertThat(found.segment().mismatch(expected.segment())).as("%s", op).isEqualTo(-1);
    }

    private long count() {
        return random.nextInt(12) == 0 ? LARGE : COUNTS[random.nextInt(COUNTS.length)];
    }

    private Object number(DType type, int spread) {
        if (!type.isFloating()) {
            return (long) random.nextInt(spread) - spread / 2;
        }
        return switch (random.nextInt(12)) {
            case 0 -> Double.NaN;
            case 1 -> -0.0;
            case 2 -> 0.0;
            case 3 -> Double.NEGATIVE_INFINITY;
            case 4 -> (double) (float) random.nextGaussian();
            default -> (double) (random.nextInt(spread) - spread / 2);
        };
    }

    private List<Object> numbers(DType type, int count, int spread) {
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(number(type, spread));
        }
        return all;
    }

    private Tensor elements(DType type, List<Object> keys, int spread, long... dims) {
        Tensor x = Tensor.allocate(type, dims);
        for (long i = 0; i < x.size(); i++) {
            boolean known = !keys.isEmpty() && random.nextInt(4) > 0;
            Object n = known ? keys.get(random.nextInt(keys.size())) : number(type, spread);
            if (n instanceof Long l) {
                x.setLong(i, l);
            } else {
                x.setDouble(i, (Double) n);
            }
        }
        return x;
    }

    @Test
    void labelsOfAllTypesAreTranslated() {
        for (DType from : NUMBERS) {
            for (DType to : NUMBERS) {
                int spread = random.nextBoolean() ? 40 : 30_000;
                int count = random.nextInt(50);
                LabelEncoder op = new LabelEncoder(
                        from, numbers(from, count, spread), to, numbers(to, count, 1000), number(to, 1000));
                check(op, "lookup_scalar", elements(from, op.keys(), spread, count()));
            }
        }
        LabelEncoder op = new LabelEncoder(
                DType.INT64,
                List.of(Long.MIN_VALUE, Long.MAX_VALUE, 0L),
                DType.FLOAT64,
                List.of(1.0, -0.0, Double.NaN),
                2.0);
        check(op, "lookup_scalar", Tensor.of(new long[] {0, Long.MAX_VALUE, 1, Long.MIN_VALUE, -1, 0}, 2, 3));
    }

    @Test
    void categoriesOfAllTypesBecomeRows() {
        for (int i = 0; i < 40; i++) {
            DType type = List.of(DType.INT64, DType.INT32, DType.FLOAT32, DType.FLOAT64)
                    .get(i % 4);
            int spread = 1 + random.nextInt(40);
            long[] all = random.longs(1 + random.nextInt(i % 10 == 9 ? 5000 : 20), -spread, spread)
                    .toArray();
            OneHotEncoder op = new OneHotEncoder(LongStream.of(all).boxed().toList(), List.of(), true);
            check(op, "one_hot_encoder_scalar", elements(type, List.of(), 2 * spread, all.length > 100 ? 7 : count()));
        }
        OneHotEncoder ends = new OneHotEncoder(List.of(Long.MIN_VALUE, 0L, Long.MAX_VALUE, -1L), List.of(), true);
        double[] floats = {0.9, -0.9, -1.5, 0x1p63, -0x1p63, Double.NaN, 1e300, -0.0, Double.POSITIVE_INFINITY};
        check(ends, "one_hot_encoder_scalar", Tensor.of(floats, 3, 3));
        check(ends, "one_hot_encoder_scalar", Tensor.convert(DType.FLOAT32, floats));
        check(ends, "one_hot_encoder_scalar", Tensor.of(new long[] {0, Long.MAX_VALUE, Long.MIN_VALUE, 5}));
    }

    @Test
    void anElementWithoutCategoryIsAnErrorIfZerosAreNotAllowed() {
        OneHotEncoder op = new OneHotEncoder(List.of(1L, 2L), List.of(), false);
        check(op, "one_hot_encoder_scalar", Tensor.of(new long[] {2, 1, 2}));
        for (DType type : List.of(DType.INT64, DType.INT32, DType.FLOAT32, DType.FLOAT64)) {
            List<Datum> inputs = List.of(Tensor.convert(type, new long[] {2, 1, 7}));
            String element = type.isFloating() ? "element 2 is 7.0" : "element 2 is 7";
            assertThatThrownBy(() -> KernelRun.run(prepare(op, inputs), inputs))
                    .isInstanceOf(InvalidOperandException.class)
                    .hasMessageContaining(element);
            assertThatThrownBy(() -> op.reference(new Operands(op, "", inputs, 1)))
                    .isInstanceOf(InvalidOperandException.class)
                    .hasMessageContaining(element);
        }
    }

    @Test
    void indicesBecomePlacesAlongAnyAxis() {
        for (int i = 0; i < 60; i++) {
            DType indices = List.of(DType.INT64, DType.INT32, DType.FLOAT32).get(random.nextInt(3));
            DType values = List.of(DType.FLOAT32, DType.INT64, DType.BOOL, DType.FLOAT16, DType.FLOAT64)
                    .get(random.nextInt(5));
            long[] dims =
                    random.longs(random.nextInt(4), 1, i % 20 == 0 ? 40 : 9).toArray();
            Tensor x = Tensor.allocate(indices, dims);
            int depth = 1 + random.nextInt(30);
            for (long k = 0; k < x.size(); k++) {
                x.setLong(k, random.nextInt(-depth - 2, depth + 2));
            }
            OneHot op = new OneHot(random.nextInt(-dims.length - 1, dims.length + 1));
            Tensor pair = Tensor.allocate(values, 2);
            pair.setLong(0, values == DType.BOOL ? 0 : random.nextInt(9));
            pair.setLong(1, 1);
            check(op, "one_hot_scalar", x, Tensor.scalar((long) depth), pair);
        }
        Tensor far = Tensor.of(new long[] {Long.MIN_VALUE, Long.MAX_VALUE, 3, -4, -5, 4});
        check(new OneHot(-1), "one_hot_scalar", far, Tensor.scalar(4L), Tensor.of(new float[] {-0f, Float.NaN}));
    }

    private TfIdfVectorizer counter(int tokens, int lengths) {
        List<Long> starts = new ArrayList<>();
        List<Long> pool = new ArrayList<>();
        int ngrams = 0;
        for (int n = 1; n <= lengths; n++) {
            starts.add((long) pool.size());
            Set<List<Long>> own = new LinkedHashSet<>();
            for (int k = random.nextInt(20); k > 0; k--) {
                own.add(random.longs(n, 0, tokens).boxed().toList());
            }
            own.forEach(pool::addAll);
            ngrams += own.size();
        }
        if (ngrams == 0) {
            pool.addAll(LongStream.range(0, lengths).boxed().toList());
            ngrams = 1;
        }
        List<Integer> places =
                new ArrayList<>(IntStream.range(0, ngrams + 5).boxed().toList());
        Collections.shuffle(places, random);
        List<Long> columns =
                places.subList(0, ngrams).stream().map(c -> (long) c).toList();
        List<Float> weights = new ArrayList<>();
        for (int k = 0; k < ngrams; k++) {
            weights.add((float) random.nextGaussian());
        }
        long least = 1L + random.nextInt(lengths);
        return new TfIdfVectorizer(
                List.of("TF", "IDF", "TFIDF").get(random.nextInt(3)),
                least,
                least + random.nextInt((int) (lengths - least + 1)),
                random.nextInt(4),
                starts,
                columns,
                pool,
                null,
                random.nextBoolean() ? weights : null);
    }

    @Test
    void nGramsAreCounted() {
        for (int i = 0; i < 150; i++) {
            int tokens = 1 + random.nextInt(i % 3 == 0 ? 2000 : 12);
            TfIdfVectorizer op = counter(tokens, 1 + random.nextInt(4));
            int rows = random.nextInt(15) == 0 ? 3000 : 1 + random.nextInt(4);
            int length = 1 + random.nextInt(15);
            Tensor x = Tensor.allocate(random.nextBoolean() ? DType.INT64 : DType.INT32, rows, length);
            for (long k = 0; k < x.size(); k++) {
                x.setLong(k, random.nextInt(-1, tokens + 1));
            }
            check(op, "ngrams_scalar", x);
            check(op, "ngrams_scalar", x.slice(0, 1).reshape(length));
        }
    }

    @Test
    void nGramsThatShareColumnsAndLongRowsHaveNoKernel() {
        TfIdfVectorizer shared =
                new TfIdfVectorizer("TF", 1, 1, 0, List.of(0L), List.of(0L, 0L), List.of(1L, 2L), null, null);
        assertThat(prepare(shared, List.of(Tensor.of(new long[] {1, 2})))).isNull();
        TfIdfVectorizer equal =
                new TfIdfVectorizer("TF", 1, 1, 0, List.of(0L), List.of(0L, 1L), List.of(1L, 1L), null, null);
        assertThat(prepare(equal, List.of(Tensor.of(new long[] {1, 2})))).isNull();
        TfIdfVectorizer skips =
                new TfIdfVectorizer("TF", 1, 2, 5000, List.of(0L, 0L), List.of(0L), List.of(1L, 2L), null, null);
        assertThat(prepare(skips, List.of(Tensor.of(new long[3000])))).isNull();
        assertThat(prepare(skips, List.of(Tensor.of(new long[30])))).isNotNull();
    }
}
