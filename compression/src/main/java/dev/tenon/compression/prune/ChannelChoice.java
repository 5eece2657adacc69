package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.algebra.Dense;
import dev.tenon.compression.prune.ChannelFamilies.Channel;
import dev.tenon.compression.prune.ChannelFamilies.Family;
import dev.tenon.compression.prune.ChannelFamilies.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses the channels of a family that go away, one after the other: the one whose loss is least, after which the losses of
 * the others are found anew. The loss of terms J of a layer that uses the channel is the squared error of its outputs once
 * its other weights are corrected, {@code sum over outputs of w_J^T ([H^-1]_JJ)^-1 w_J}, as a share of its outputs' energy.
 */
final class ChannelChoice {
    private static final double DAMPING = 0.01;

    /** The most terms of a layer whose inverse is computed. A larger one has losses without correction. */
    private static final int TERMS = 1536;

    private final Saliency saliency;
    private final Map<LinearLayer, RowSums> sums;

    /**
     * A choice.
     *
     * @param saliency how losses are computed
     * @param sums the inputs of the layers that use channels; empty for magnitude
     */
    ChannelChoice(Saliency saliency, Map<LinearLayer, RowSums> sums) {
        this.saliency = saliency;
        this.sums = sums;
    }

    /**
     * Chooses.
     *
     * @param family the channels
     * @param count how many go away, fewer than there are
     * @return the channels that go away, in the order of the choice
     */
    List<Channel> choose(Family family, int count) {
        List<Channel> open = new ArrayList<>(family.channels());
        List<Channel> chosen = new ArrayList<>();
        boolean isUsed = open.stream().anyMatch(c -> c.users().stream().anyMatch(u -> sums.containsKey(u.layer())));
        if (saliency == Saliency.MAGNITUDE || !isUsed) {
            double[] losses = magnitudes(family);
            for (int i = 0; i < count; i++) {
                int best = least(losses);
                chosen.add(open.get(best));
                losses[best] = Double.POSITIVE_INFINITY;
            }
            return chosen;
        }
        Map<LinearLayer, User> users = new LinkedHashMap<>();
        for (Channel channel : open) {
            for (Use use : channel.users()) {
                if (sums.containsKey(use.layer())) {
                    users.computeIfAbsent(use.layer(), layer -> new User(layer, sums.get(layer)));
                }
            }
        }
        for (int i = 0; i < count; i++) {
            double[] losses = new double[open.size()];
            for (int c = 0; c < losses.length; c++) {
                for (Use use : open.get(c).users()) {
                    User user = users.get(use.layer());
                    losses[c] += user == null ? 0 : user.loss(use.places());
                }
            }
            Channel best = open.remove(least(losses));
            chosen.add(best);
            for (Use use : best.users()) {
                if (users.containsKey(use.layer())) {
                    users.get(use.layer()).remove(use.places());
                }
            }
        }
        return chosen;
    }

    private static int least(double[] losses) {
        int best = 0;
        for (int i = 1; i < losses.length; i++) {
            best = losses[i] < losses[best] ? i : best;
        }
        return best;
    }

    /** The squared weights that make a channel, of each layer as a share of all of it. */
    private static double[] magnitudes(Family family) {
        double[] losses = new double[family.channels().size()];
        for (LinearLayer layer : family.makers()) {
            float[] w = layer.matrix();
            double all = 0;
            for (float x : w) {
                all += (double) x * x;
            }
            for (int c = 0; c < losses.length; c++) {
                for (Use use : family.channels().get(c).makers()) {
                    if (use.layer() == layer) {
                        losses[c] += squares(w, use.places(), layer.terms()) / Math.max(all, Double.MIN_NORMAL);
                    }
                }
            }
        }
        return losses;
    }

    private static double squares(float[] w, int[] rows, int terms) {
        double sum = 0;
        for (int row : rows) {
            for (int i = row * terms; i < (row + 1) * terms; i++) {
                sum += (double) w[i] * w[i];
            }
        }
        return sum;
    }

    /** A layer that uses channels, with what is left of its weights and of the inverse of the second moments. */
    private final class User {
        private final int terms;
        private final int outputs;
        private final double[] weights;
        private final double[] moments;
        private final double energy;
        private final double[] inverse;

        User(LinearLayer layer, RowSums rows) {
            this.terms = layer.terms();
            this.outputs = layer.outputs();
            float[] w = layer.matrix();
            this.weights = new double[w.length];
            for (int i = 0; i < w.length; i++) {
                weights[i] = w[i];
            }
            boolean isExact = saliency == Saliency.SECOND_ORDER && terms <= TERMS;
            double[] xx = rows.all(0).xx(saliency == Saliency.SECOND_ORDER);
            double mean = Dense.meanDiagonal(xx, terms);
            this.moments = Dense.damped(xx, terms, mean > 0 ? DAMPING * mean : 1);
            double[] product = Dense.product(weights, moments, outputs, terms, terms);
            this.energy = Math.max(Dense.dot(product, weights), Double.MIN_NORMAL);
            this.inverse = isExact ? Dense.inverse(moments, terms) : null;
        }

        double loss(int[] places) {
            double[] block = block(places);
            int size = places.length;
            double[] w = new double[outputs * size];
            for (int o = 0; o < outputs; o++) {
                for (int i = 0; i < size; i++) {
                    w[o * size + i] = weights[o * terms + places[i]];
                }
            }
            return Dense.dot(Dense.product(w, block, outputs, size, size), w) / energy;
        }

        /** The inverse of a block of the inverse; without an inverse the block of the second moments. */
        private double[] block(int[] places) {
            int size = places.length;
            double[] from = inverse == null ? moments : inverse;
            double[] block = new double[size * size];
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    block[i * size + j] = from[places[i] * terms + places[j]];
                }
            }
            if (inverse == null) {
                return block;
            }
            double[] inverted = Dense.inverse(block, size);
            return inverted == null ? new double[size * size] : inverted;
        }

        /** Corrects the other weights, and eliminates the places from the inverse. */
        void remove(int[] places) {
            if (inverse == null) {
                return;
            }
            int size = places.length;
            double[] block = block(places);
            double[] rows = new double[size * terms];
            double[] w = new double[outputs * size];
            for (int i = 0; i < size; i++) {
                System.arraycopy(inverse, places[i] * terms, rows, i * terms, terms);
                for (int o = 0; o < outputs; o++) {
                    w[o * size + i] = weights[o * terms + places[i]];
                }
            }
            double[] spread = Dense.product(block, rows, size, size, terms);
            subtract(weights, Dense.product(w, spread, outputs, size, terms));
            subtract(inverse, Dense.product(Dense.transposed(rows, size, terms), spread, terms, size, terms));
            for (int place : places) {
                Arrays.fill(inverse, place * terms, (place + 1) * terms, 0);
                for (int i = 0; i < terms; i++) {
                    inverse[i * terms + place] = 0;
                }
                inverse[place * terms + place] = 1;
            }
        }

        private static void subtract(double[] from, double[] what) {
            for (int i = 0; i < from.length; i++) {
                from[i] -= what[i];
            }
        }
    }
}
