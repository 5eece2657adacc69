package dev.tenon.kernel.vector.resize;

import dev.tenon.op.geometry.ResizeTaps;

/**
 * The taps of an axis, as many for each element: one, whose weight is 1, or an even number. Where an element has fewer, its
 * last tap comes several times and its weight is shared, since a weight of 0 would make NaN of infinity.
 *
 * @param each the taps of an element
 * @param index the elements that they take, those of an element of the result one behind the other; not to be written
 * @param weight their weights; not to be written
 */
record EvenTaps(int each, int[] index, float[] weight) {
    /** Those of an axis. */
    static EvenTaps of(ResizeTaps taps) {
        int each = isMove(taps) ? 1 : Math.ceilDiv(taps.most(), 2) * 2;
        int count = taps.output();
        EvenTaps even = new EvenTaps(each, new int[count * each], new float[count * each]);
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

    private static boolean isMove(ResizeTaps taps) {
        for (double weight : taps.weight()) {
            if (weight != 1) {
                return false;
            }
        }
        return taps.most() == 1;
    }

    /** The elements of the result. */
    int output() {
        return index.length / each;
    }

    /** The same where some elements move together, each with taps of its own. */
    EvenTaps apart(int inner) {
        EvenTaps all = new EvenTaps(each, new int[index.length * inner], new float[index.length * inner]);
        for (int o = 0; o < output() * inner; o++) {
            for (int t = 0; t < each; t++) {
                int tap = o / inner * each + t;
                all.index[o * each + t] = index[tap] * inner + o % inner;
                all.weight[o * each + t] = weight[tap];
            }
        }
        return all;
    }

    /**
     * Those of planes whose rows lie one behind the other, made of these rows and some columns.
     *
     * @param columns the taps of the columns
     * @param width the columns of the data
     */
    EvenTaps times(EvenTaps columns, int width) {
        int taps = each * columns.each;
        int count = output() * columns.output();
        EvenTaps all = new EvenTaps(taps, new int[count * taps], new float[count * taps]);
        for (int i = 0; i < all.index.length; i++) {
            int row = i / taps / columns.output() * each + i % taps / columns.each;
            int column = i / taps % columns.output() * columns.each + i % columns.each;
            all.index[i] = index[row] * width + columns.index[column];
            all.weight[i] = weight[row] * columns.weight[column];
        }
        return all;
    }
}
