package dev.tenon.op.vision;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.geometry.ResizeTaps;
import java.util.Arrays;

/** One axis of {@link Resize}: the elements of the data that make an element of the result, and their weights. */
final class ResizeAxis {
    /** The elements of an axis that make an element of the result. None if it is outside of the data. */
    record Taps(long[] index, double[] weight) {}

    private static final Taps OUTSIDE = new Taps(new long[0], new double[0]);
    private static final int MOST_TAPS = 1 << 22;
    private static final int MOST_KEPT = 1 << 20;
    private static final long MOST_LISTED = 1 << 20;
    private static final int MOST_LISTED_TAPS = 1 << 22;

    /** Up to this length float32 holds every position between two elements that rounding can tell apart. */
    private static final int MOST_IN_FLOATS = 1 << 22;

    private final Resize op;
    private final long in;
    private final long out;
    private final double scale;
    private final double start;
    private final double end;
    private final Taps[] kept;

    /**
     * An axis.
     *
     * @param op the operator
     * @param in the dimension of the data, at least 1
     * @param out the dimension of the result
     * @param scale how much larger the result is
     * @param start where the region of interest starts, as a fraction of the data
     * @param end where it ends
     */
    ResizeAxis(Resize op, long in, long out, double scale, double start, double end) {
        this.op = op;
        this.in = in;
        this.out = out;
        this.scale = scale;
        this.start = start;
        this.end = end;
        long taps = op.antialias() ? (long) Math.min(Integer.MAX_VALUE, 4 / Math.min(scale, 1) + 4) : 4;
        if (taps > MOST_TAPS) {
            throw new ResourceLimitException(
                    "Resize", "a filter over " + taps + " elements", MOST_TAPS + " elements", null);
        }
        kept = new Taps[out <= MOST_KEPT / taps ? (int) out : 0];
    }

    static ResizeAxis untouched(Resize op, long dim) {
        return new ResizeAxis(op, dim, dim, 1, 0, 1);
    }

    long in() {
        return in;
    }

    long out() {
        return out;
    }

    /** The elements that make element o of the result. */
    Taps taps(long o) {
        if (o >= kept.length) {
            return compute(o);
        }
        if (kept[(int) o] == null) {
            kept[(int) o] = compute(o);
        }
        return kept[(int) o];
    }

    /** All taps of the axis as one table, or null if there are too many, or an element without any. */
    ResizeTaps list() {
        if (out > MOST_LISTED || in > Integer.MAX_VALUE) {
            return null;
        }
        int elements = (int) out;
        int[] begin = new int[elements + 1];
        int[] index = new int[2 * elements];
        double[] weight = new double[2 * elements];
        for (int o = 0; o < elements; o++) {
            Taps taps = taps(o);
            int count = taps.index().length;
            if (count == 0 || begin[o] + count > MOST_LISTED_TAPS) {
                return null;
            }
            begin[o + 1] = begin[o] + count;
            if (begin[o + 1] > index.length) {
                index = Arrays.copyOf(index, 2 * begin[o + 1]);
                weight = Arrays.copyOf(weight, 2 * begin[o + 1]);
            }
            for (int i = 0; i < count; i++) {
                index[begin[o] + i] = (int) taps.index()[i];
                weight[begin[o] + i] = taps.weight()[i];
            }
        }
        return new ResizeTaps(
                (int) in, begin, Arrays.copyOf(index, begin[elements]), Arrays.copyOf(weight, begin[elements]));
    }

    private Taps compute(long o) {
        boolean nearest = op.mode() == Resize.Mode.NEAREST;
        double place = nearest && Math.max(in, out) < MOST_IN_FLOATS ? placeInFloats(o) : place(o);
        if (in == out && scale == 1 && start == 0 && end == 1) {
            place = o;
        }
        if (op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE && !(place >= 0 && place <= in - 1)) {
            return OUTSIDE;
        }
        if (nearest) {
            return new Taps(new long[] {clamp(nearest(place))}, new double[] {1});
        }
        // The element before the position, so that the position is in (0, 1] after it.
        double before = Math.ceil(place) - 1;
        double ratio = place - before;
        double shrunk = op.antialias() ? Math.min(scale, 1) : 1;
        int reach = (int) Math.ceil((op.mode() == Resize.Mode.CUBIC ? 2 : 1) / shrunk);
        double[] weights = new double[2 * reach];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weight((i + 1 - reach - ratio) * shrunk);
        }
        return gather((long) before + 1 - reach, weights);
    }

    private double weight(double distance) {
        return op.mode() == Resize.Mode.CUBIC
                ? ImageOperands.cubicKernel(distance, op.cubicCoeffA())
                : Math.max(0, 1 - Math.abs(distance));
    }

    /**
     * Taps for consecutive elements from a first one on. Those of weight 0 are left out, and the other weights add up
     * to 1.
     */
    private Taps gather(long first, double[] weights) {
        int count = 0;
        double sum = 0;
        boolean drop = op.excludeOutside() && hasInside(first, weights);
        for (int i = 0; i < weights.length; i++) {
            long at = first + i;
            if (drop && (at < 0 || at >= in)) {
                weights[i] = 0;
            }
            sum += weights[i];
            count += weights[i] != 0 ? 1 : 0;
        }
        boolean normal = drop || op.antialias();
        long[] index = new long[count];
        double[] weight = new double[count];
        int k = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] != 0) {
                index[k] = clamp(first + i);
                weight[k++] = normal ? weights[i] / sum : weights[i];
            }
        }
        return new Taps(index, weight);
    }

    private boolean hasInside(long first, double[] weights) {
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] != 0 && first + i >= 0 && first + i < in) {
                return true;
            }
        }
        return false;
    }

    private long clamp(long i) {
        return Math.clamp(i, 0, in - 1);
    }

    private long nearest(double place) {
        return (long)
                switch (op.nearest()) {
                    case ROUND_PREFER_FLOOR -> Math.ceil(place - 0.5);
                    case ROUND_PREFER_CEIL -> Math.floor(place + 0.5);
                    case FLOOR -> Math.floor(place);
                    case CEIL -> Math.ceil(place);
                };
    }

    private double place(long o) {
        double length = in - 1;
        return switch (op.coordinates()) {
            case HALF_PIXEL -> (o + 0.5) / scale - 0.5;
            case HALF_PIXEL_SYMMETRIC -> in / 2.0 * (1 - out / (scale * in)) + (o + 0.5) / scale - 0.5;
            case PYTORCH_HALF_PIXEL -> out > 1 ? (o + 0.5) / scale - 0.5 : 0;
            case ALIGN_CORNERS -> o == 0 ? 0 : o * length / (scale * in - 1);
            case ASYMMETRIC -> o / scale;
            case TF_HALF_PIXEL_FOR_NN -> (o + 0.5) / scale;
            case TF_CROP_AND_RESIZE ->
                out > 1 ? start * length + o * (end - start) * length / (out - 1) : 0.5 * (start + end) * length;
        };
    }

    private float placeInFloats(long o) {
        float s = (float) scale;
        float length = in - 1;
        float a = (float) start;
        float b = (float) end;
        return switch (op.coordinates()) {
            case HALF_PIXEL -> (o + 0.5f) / s - 0.5f;
            case HALF_PIXEL_SYMMETRIC -> in / 2f * (1 - out / (s * in)) + (o + 0.5f) / s - 0.5f;
            case PYTORCH_HALF_PIXEL -> out > 1 ? (o + 0.5f) / s - 0.5f : 0;
            case ALIGN_CORNERS -> o == 0 ? 0 : o * length / (s * in - 1);
            case ASYMMETRIC -> o / s;
            case TF_HALF_PIXEL_FOR_NN -> (o + 0.5f) / s;
            case TF_CROP_AND_RESIZE ->
                out > 1 ? a * length + o * (b - a) * length / (out - 1) : 0.5f * (a + b) * length;
        };
    }
}
