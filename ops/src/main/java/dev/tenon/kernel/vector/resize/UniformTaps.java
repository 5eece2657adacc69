package dev.tenon.kernel.vector.resize;

import dev.tenon.op.geometry.ResizeTaps;

/**
 * The taps of an axis, with the same number for each element of the result: one of weight 1, or an even number. An element with
 * fewer taps gets its last tap several times, with the weight divided among them. A tap of weight 0 would turn infinity into
 * NaN.
 *
 * @param perElement the number of taps of an element
 * @param index the element of the data that each tap reads: the taps of the first element of the result, then those of the
 *     second, and so on; not to be changed
 * @param weight the weight of each tap; not to be changed
 */
record UniformTaps(int perElement, int[] index, float[] weight) {
    /** Makes the number of taps of an axis uniform. */
    static UniformTaps of(ResizeTaps taps) {
        int each = isCopy(taps) ? 1 : Math.ceilDiv(taps.most(), 2) * 2;
        int count = taps.output();
        UniformTaps even = new UniformTaps(each, new int[count * each], new float[count * each]);
        for (int o = 0; o < count; o++) {
            int from = taps.start()[o];
            int last = taps.start()[o + 1] - 1;
            int shares = each - (last - from);
            for (int t = 0; t < each; t++) {
                int tap = Math.min(from + t, last);
                even.index[o * each + t] = taps.index()[tap];
                even.weight[o * each + t] = (float) (taps.weight()[tap] / (tap == last ? shares : 1));
            }
        }
        return even;
    }

    private static boolean isCopy(ResizeTaps taps) {
        for (double weight : taps.weight()) {
            if (weight != 1) {
                return false;
            }
        }
        return taps.most() == 1;
    }

    /** The number of elements of the result. */
    int output() {
        return index.length / perElement;
    }

    /** The taps of single elements, for an axis that is followed by {@code inner} elements for each position. */
    UniformTaps ofSingleElements(int inner) {
        UniformTaps all = new UniformTaps(perElement, new int[index.length * inner], new float[index.length * inner]);
        for (int o = 0; o < output() * inner; o++) {
            for (int t = 0; t < perElement; t++) {
                int tap = o / inner * perElement + t;
                all.index[o * perElement + t] = index[tap] * inner + o % inner;
                all.weight[o * perElement + t] = weight[tap];
            }
        }
        return all;
    }

    /**
     * The taps of a plane that is taken as one row. These are the taps of the rows of the plane.
     *
     * @param columns the taps of the columns
     * @param width the columns of the data
     */
    UniformTaps ofPlane(UniformTaps columns, int width) {
        int taps = perElement * columns.perElement;
        int count = output() * columns.output();
        UniformTaps all = new UniformTaps(taps, new int[count * taps], new float[count * taps]);
        for (int i = 0; i < all.index.length; i++) {
            int row = i / taps / columns.output() * perElement + i % taps / columns.perElement;
            int column = i / taps % columns.output() * columns.perElement + i % columns.perElement;
            all.index[i] = index[row] * width + columns.index[column];
            all.weight[i] = weight[row] * columns.weight[column];
        }
        return all;
    }
}
