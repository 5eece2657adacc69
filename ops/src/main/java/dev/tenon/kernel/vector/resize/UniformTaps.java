package dev.tenon.kernel.vector.resize;

import dev.tenon.op.geometry.ResizeTaps;

/**
 * The taps of an axis, with the same number for each element of the result. An element with fewer taps gets its last tap several
 * times, with the weight divided among them. A tap of weight 0 would turn infinity into NaN.
 *
 * @param perElement the number of taps of an element
 * @param index the element of the data that each tap reads: the taps of the first element of the result, then those of the
 *     second, and so on; not to be changed
 * @param weight the weight of each tap; not to be changed
 */
record UniformTaps(int perElement, int[] index, float[] weight) {
    /** Makes the number of taps of an axis uniform. */
    static UniformTaps of(ResizeTaps taps) {
        int each = taps.most();
        int count = taps.output();
        UniformTaps all = new UniformTaps(each, new int[count * each], new float[count * each]);
        for (int o = 0; o < count; o++) {
            int from = taps.start()[o];
            int last = taps.start()[o + 1] - 1;
            int shares = each - (last - from);
            for (int t = 0; t < each; t++) {
                int tap = Math.min(from + t, last);
                all.index[o * each + t] = taps.index()[tap];
                all.weight[o * each + t] = (float) (taps.weight()[tap] / (tap == last ? shares : 1));
            }
        }
        return all;
    }

    /** Whether each element is a copy of one element of the data. */
    boolean copies() {
        boolean copies = perElement == 1;
        for (float w : weight) {
            copies &= w == 1;
        }
        return copies;
    }

    /** The number of elements of the result. */
    int output() {
        return index.length / perElement;
    }

    /** The element of the data that a tap of an element of the result reads. */
    int indexOf(int element, int tap) {
        return index[element * perElement + tap];
    }

    /** The weight of a tap of an element of the result. */
    float weightOf(int element, int tap) {
        return weight[element * perElement + tap];
    }

    /** The taps of single elements, for an axis that is followed by {@code inner} elements for each position. */
    UniformTaps ofSingleElements(int inner) {
        UniformTaps all = new UniformTaps(perElement, new int[index.length * inner], new float[index.length * inner]);
        for (int i = 0; i < all.index.length; i++) {
            int element = i / perElement;
            all.index[i] = indexOf(element / inner, i % perElement) * inner + element % inner;
            all.weight[i] = weightOf(element / inner, i % perElement);
        }
        return all;
    }
}
