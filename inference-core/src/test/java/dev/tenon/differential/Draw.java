package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** The random choices of a model. The same seed gives the same choices. Confined to one thread. */
public final class Draw {
    public static final Set<DType> FLOATS = EnumSet.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16);
    public static final Set<DType> SIGNED = EnumSet.of(DType.INT8, DType.INT16, DType.INT32, DType.INT64);
    public static final Set<DType> UNSIGNED = EnumSet.of(DType.UINT8, DType.UINT16, DType.UINT32, DType.UINT64);
    public static final Set<DType> INTEGERS = union(SIGNED, UNSIGNED);
    public static final Set<DType> NUMBERS = union(FLOATS, INTEGERS);
    public static final Set<DType> PLAIN = union(NUMBERS, EnumSet.of(DType.BOOL, DType.STRING));

    private static final double[] SPECIAL = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        0,
        -0.0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        2.5,
        -3.5,
        1e-3,
        1e-30,
        1e-40,
        -1e30,
        100,
        65504,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Double.MAX_VALUE,
        Double.MIN_VALUE
    };
    private static final String[] TEXTS = {
        "", "a", "b", "B", "7", "-1.5", "π", "long enough to be anywhere", "\u00e9t\u00e9"
    };

    private final SplittableRandom random;

    public Draw(long seed) {
        random = new SplittableRandom(seed);
    }

    private static Set<DType> union(Set<DType> a, Set<DType> b) {
        EnumSet<DType> all = EnumSet.copyOf(a);
        all.addAll(b);
        return all;
    }

    /** True with a probability in per cent. */
    public boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    /** A number of {@code [least, most]}. */
    public int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    /** As many integers of a range. */
    public long[] each(int count, int least, int most) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = between(least, most);
        }
        return values;
    }

    /** A number of {@code [least, most]}. */
    public long longBetween(long least, long most) {
        return random.nextLong(least, most + 1);
    }

    public double gaussian() {
        return random.nextGaussian();
    }

    @SafeVarargs
    public final <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /**
     * One of the types. In two of five cases it is {@link DType#FLOAT32}, if that is one of them, because it has the
     * most kernels.
     */
    public DType type(Collection<DType> types) {
        if (types.contains(DType.FLOAT32) && chance(40)) {
            return DType.FLOAT32;
        }
        List<DType> list = List.copyOf(EnumSet.copyOf(types));
        return list.get(random.nextInt(list.size()));
    }

    /** A type that has special kernels, or any of the given ones. */
    public DType type(DType... types) {
        return type(Arrays.asList(types));
    }

    /** A size of a dimension. It is mostly small, and sometimes 0 or longer than a vector. */
    public long size() {
        int kind = random.nextInt(20);
        return kind == 0 ? 0 : kind < 4 ? 1 : kind < 7 ? between(9, 70) : between(2, 6);
    }

    /** As {@link #size()}, but not 0. */
    public long positive() {
        return Math.max(1, size());
    }

    /** Dimensions of a rank in {@code [least, most]}, a few thousand elements at most. */
    public long[] dims(int least, int most) {
        return dims(between(least, most), true);
    }

    /** As {@link #dims(int, int)}, but no dimension is 0. */
    public long[] fullDims(int least, int most) {
        return dims(between(least, most), false);
    }

    private long[] dims(int rank, boolean empty) {
        long[] dims = new long[rank];
        long all = 1;
        for (int i = rank - 1; i >= 0; i--) {
            long n = empty ? size() : positive();
            dims[i] = all * n > 4000 ? between(1, 2) : n;
            all *= Math.max(1, dims[i]);
        }
        return dims;
    }

    /** Shapes that broadcast together. */
    public long[][] broadcast(int count) {
        long[] all = dims(0, 4);
        long[][] shapes = new long[count][];
        for (int i = 0; i < count; i++) {
            int from = chance(30) ? between(0, all.length) : 0;
            shapes[i] = Arrays.copyOfRange(all, from, all.length);
            for (int k = 0; k < shapes[i].length; k++) {
                if (chance(20)) {
                    shapes[i][k] = 1;
                }
            }
        }
        return shapes;
    }

    /** Dimensions that broadcast to the given ones. */
    public long[] partOf(long[] dims) {
        long[] part = Arrays.copyOfRange(dims, chance(50) ? between(0, dims.length) : 0, dims.length);
        for (int k = 0; k < part.length; k++) {
            if (chance(30)) {
                part[k] = 1;
            }
        }
        return part;
    }

    /** An axis of a rank, counted from either end. */
    public long axis(int rank) {
        return between(-rank, rank - 1);
    }

    /** Some of the numbers below n, in any order. */
    public int[] some(int n) {
        int[] all = permutation(n);
        return Arrays.copyOf(all, between(0, n));
    }

    public int[] permutation(int n) {
        int[] p = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            p[i] = p[j];
            p[j] = i;
        }
        return p;
    }

    /** Random elements: numbers around 0, integers, extremes or NaN. */
    public Tensor tensor(DType type, long... dims) {
        return switch (random.nextInt(3)) {
            case 0 -> tame(type, dims);
            case 1 -> whole(type, -9, 9, dims);
            default -> wild(type, dims);
        };
    }

    /** Finite numbers of moderate size. Small types use their whole range. */
    public Tensor tame(DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            set(t, i, false);
        }
        return t;
    }

    /** Numbers for sums, sometimes with a NaN or infinity. There are no extremes, whose sums depend on the order. */
    public Tensor summands(DType type, long... dims) {
        Tensor t = chance(50) ? tame(type, dims) : whole(type, -9, 9, dims);
        if (type.isFloating() && t.size() > 0 && chance(15)) {
            t.setDouble(longBetween(0, t.size() - 1), pick(Double.NaN, Double.POSITIVE_INFINITY, 1e-40));
        }
        return t;
    }

    /** Extremes, infinities, NaN and zeros among moderate numbers. */
    public Tensor wild(DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            set(t, i, chance(30));
        }
        return t;
    }

    /** Bytes for products: from the whole range, or around 0. Signed ones have 7 bits if the peer's products saturate with more. */
    public Tensor bytes(DType type, long... dims) {
        boolean wide = chance(50);
        if (wide && type == DType.INT8 && Peer.saturates()) {
            return whole(type, -64, 63, dims);
        }
        return wide ? wild(type, dims) : whole(type, -20, 20, dims);
    }

    /** Integers of {@code [least, most]}, as far as the type has them. */
    public Tensor whole(DType type, long least, long most, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        long from = type.isUnsigned() ? Math.max(0, least) : least;
        for (long i = 0; i < t.size(); i++) {
            long v = longBetween(from, most);
            if (type == DType.STRING) {
                t.setString(i, Long.toString(v));
            } else if (type.isComplex()) {
                t.setComplex(i, v, longBetween(from, most));
            } else {
                t.setLong(i, v);
            }
        }
        return t;
    }

    /** Numbers spread over {@code [least, most]}. */
    public Tensor real(DType type, double least, double most, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, least + random.nextDouble() * (most - least));
        }
        return t;
    }

    private void set(Tensor t, long i, boolean odd) {
        DType type = t.dtype();
        if (type == DType.STRING) {
            t.setString(i, pick(TEXTS));
        } else if (type == DType.BOOL) {
            t.setBoolean(i, random.nextBoolean());
        } else if (type.isComplex()) {
            t.setComplex(i, random.nextGaussian(), random.nextGaussian());
        } else if (type.isFloating()) {
            t.setDouble(i, odd ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * 3);
        } else if (odd) {
            t.setBits(i, extreme(type));
        } else {
            t.setLong(i, type.isUnsigned() ? random.nextInt(21) : random.nextInt(21) - 10);
        }
    }

    private long extreme(DType type) {
        long mask = type.bits() == 64 ? -1 : (1L << type.bits()) - 1;
        long top = 1L << (type.bits() - 1);
        return mask & pick(0L, 1L, mask, top, top - 1, top + 1, random.nextLong());
    }
}
