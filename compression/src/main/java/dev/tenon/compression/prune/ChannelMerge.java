package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.algebra.Dense;
import dev.tenon.op.nn.Conv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Lets the channels that stay stand in for those that go away: a removed channel is about a linear combination of the others,
 * the same at every place of a window or an image, {@code x_R = M x_S}. So the weights of the layer that uses them become
 * {@code W_S + W_R M}. M has few numbers and all places to fit them, so it holds for other samples too; least squares with
 * a number for each place starts from there.
 */
final class ChannelMerge {
    private static final double DAMPING = 1e-3;

    private final LinearLayer layer;

    /** The class of each term. */
    private final int[] roots;

    /** The terms of each class, in order. */
    private final Map<Integer, List<Integer>> terms = new LinkedHashMap<>();

    /** The second moments of the classes about their means, summed over places. */
    private final double[] moments;

    /**
     * A merge.
     *
     * @param layer a layer that uses channels, of one group
     * @param axes the axes of its graph
     * @param inputs the sums of its inputs
     */
    ChannelMerge(LinearLayer layer, AxisIndices axes, RowSums inputs) {
        this.layer = layer;
        int axis = layer.node().op() instanceof Conv ? 1 : 1 - layer.outputAxis();
        int[] ids = axes.ids(layer.weight(), axis);
        int taps = layer.terms() / ids.length;
        this.roots = new int[layer.terms()];
        for (int t = 0; t < roots.length; t++) {
            roots[t] = axes.atoms().find(ids[t / taps]);
            terms.computeIfAbsent(roots[t], root -> new ArrayList<>()).add(t);
        }
        this.moments = isEven() ? moments(inputs.all(0)) : null;
    }

    /** Whether all classes have the same number of places. */
    private boolean isEven() {
        return terms.values().stream().mapToInt(List::size).distinct().count() == 1;
    }

    private double[] moments(LeastSquaresSums all) {
        List<List<Integer>> places = List.copyOf(terms.values());
        int count = places.size();
        int size = places.getFirst().size();
        double[] xx = all.xx(false);
        double[] x = all.meanX();
        double[] sums = new double[count * count];
        double[] means = new double[count];
        for (int a = 0; a < count; a++) {
            for (int k = 0; k < size; k++) {
                int term = places.get(a).get(k);
                means[a] += x[term] / size;
                for (int b = 0; b < count; b++) {
                    sums[a * count + b] += xx[term * all.terms() + places.get(b).get(k)];
                }
            }
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] -= means[i / count] * means[i % count] * size * all.rows();
        }
        return sums;
    }

    /**
     * The weights of the layer with the channels that stay.
     *
     * @param removed the classes that go away
     * @param outputs the outputs that stay, null if all do
     * @return the matrix of the smaller layer; null if nothing is known of its channels
     */
    float[] merged(Set<Integer> removed, int[] outputs) {
        List<Integer> classes = List.copyOf(terms.keySet());
        List<Integer> kept = classes.stream().filter(c -> !removed.contains(c)).toList();
        List<Integer> gone = classes.stream().filter(removed::contains).toList();
        if (moments == null || gone.isEmpty() || kept.isEmpty()) {
            return null;
        }
        double[] map = map(classes, kept, gone);
        if (map == null) {
            return null;
        }
        float[] w = layer.matrix();
        int width = layer.terms();
        int size = terms.get(kept.getFirst()).size();
        int[] rows = outputs == null ? all(layer.outputs()) : outputs;
        int[] columns = Arrays.stream(all(width))
                .filter(t -> !removed.contains(roots[t]))
                .toArray();
        float[] smaller = new float[rows.length * columns.length];
        for (int o = 0; o < rows.length; o++) {
            double[] row = new double[width];
            for (int i = 0; i < width; i++) {
                row[i] = w[rows[o] * width + i];
            }
            for (int s = 0; s < kept.size(); s++) {
                for (int k = 0; k < size; k++) {
                    double sum = 0;
                    for (int r = 0; r < gone.size(); r++) {
                        sum += w[rows[o] * width + terms.get(gone.get(r)).get(k)] * map[s * gone.size() + r];
                    }
                    row[terms.get(kept.get(s)).get(k)] += sum;
                }
            }
            for (int c = 0; c < columns.length; c++) {
                smaller[o * columns.length + c] = (float) row[columns[c]];
            }
        }
        return smaller;
    }

    private static int[] all(int count) {
        int[] all = new int[count];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /** The places of some classes in the list of all, in the order of both. */
    private static int[] places(List<Integer> classes, List<Integer> some) {
        Set<Integer> wanted = Set.copyOf(some);
        return IntStream.range(0, classes.size())
                .filter(i -> wanted.contains(classes.get(i)))
                .toArray();
    }

    /** M transposed, [kept, gone]. */
    private double[] map(List<Integer> classes, List<Integer> kept, List<Integer> gone) {
        int count = classes.size();
        int[] keptAt = places(classes, kept);
        int[] goneAt = places(classes, gone);
        double[] ofKept = new double[kept.size() * kept.size()];
        double[] right = new double[kept.size() * gone.size()];
        for (int i = 0; i < kept.size(); i++) {
            int row = keptAt[i] * count;
            for (int j = 0; j < kept.size(); j++) {
                ofKept[i * kept.size() + j] = moments[row + keptAt[j]];
            }
            for (int r = 0; r < gone.size(); r++) {
                right[i * gone.size() + r] = moments[row + goneAt[r]];
            }
        }
        double mean = Dense.meanDiagonal(ofKept, kept.size());
        return Dense.solve(
                Dense.damped(ofKept, kept.size(), mean > 0 ? DAMPING * mean : 1), kept.size(), right, gone.size());
    }
}
