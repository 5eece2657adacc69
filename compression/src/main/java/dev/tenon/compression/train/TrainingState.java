package dev.tenon.compression.train;

import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** All that a step of training changes: weights, their moments and means, the best weights so far, and where the run is. */
final class TrainingState {
    final List<Weight> weights = new ArrayList<>();

    /** The epoch that goes on, from 0. */
    int epoch;

    /** The batches of this epoch that are done. */
    int batch;

    /** The steps that are done, which the rate depends on. */
    long step;

    /** The steps since the moments were zero. */
    long moves;

    /** The factor of the rate, which falls when the loss has grown. */
    double rateScale = 1;

    /** The sum of the losses of the batches of this epoch. */
    double sum;

    /** The least loss on the samples that judge. */
    double best = Double.POSITIVE_INFINITY;

    /** The epochs after which the loss was least; 0 for the weights as they were given. */
    int bestEpoch;

    /** The agreement with the teacher before training: a share of classes, or a cosine. */
    double agreementBefore;

    /** The same for the best weights. */
    double agreementBest;

    /** Mean training loss, loss on the samples that judge, and rate: before training, then for each epoch that is done. */
    final List<double[]> curve = new ArrayList<>();

    /**
     * A weight.
     *
     * @param name the name of the constant
     * @param dims its shape
     * @param now its elements
     * @param best those that had the least loss
     * @param first the mean of the gradients
     * @param second the mean of their squares
     * @param average the mean of the elements over steps; empty for none
     * @param zeros the indices of elements that stay zero
     */
    record Weight(
            String name,
            long[] dims,
            float[] now,
            float[] best,
            float[] first,
            float[] second,
            float[] average,
            int[] zeros) {
        static Weight of(String name, Tensor initial, TrainingOptions options) {
            float[] now = initial.toFloatArray();
            boolean isMasked = options.keepsZeros() && initial.rank() > 1;
            boolean hasSecond = options.optimizer().kind() == TrainingOptions.Kind.ADAM_W;
            return new Weight(
                    name,
                    initial.dims(),
                    now,
                    now.clone(),
                    new float[now.length],
                    new float[hasSecond ? now.length : 0],
                    options.average() > 0 ? now.clone() : new float[0],
                    isMasked
                            ? IntStream.range(0, now.length)
                                    .filter(k -> now[k] == 0)
                                    .toArray()
                            : new int[0]);
        }

        /** The elements that are judged: their mean over steps if there is one. */
        float[] mean() {
            return average.length > 0 ? average : now;
        }

        /** The arrays that training changes. */
        List<float[]> arrays() {
            return List.of(now, best, first, second, average);
        }
    }

    /**
     * The state before the first step.
     *
     * @param initial the weights by name
     */
    static TrainingState of(Map<String, Tensor> initial, TrainingOptions options) {
        TrainingState state = new TrainingState();
        initial.forEach((name, tensor) -> state.weights.add(Weight.of(name, tensor, options)));
        return state;
    }

    /** Keeps the weights that were judged as the best ones. */
    void keep(double loss, double agreement) {
        best = loss;
        bestEpoch = curve.size() - 1;
        agreementBest = agreement;
        weights.forEach(w -> System.arraycopy(w.mean(), 0, w.best(), 0, w.now().length));
    }

    /** Goes back to the best weights, with half of the rate and without momentum. */
    void backToBest() {
        rateScale /= 2;
        moves = 0;
        for (Weight w : weights) {
            System.arraycopy(w.best(), 0, w.now(), 0, w.now().length);
            System.arraycopy(w.best(), 0, w.mean(), 0, w.now().length);
            Arrays.fill(w.first(), 0);
            Arrays.fill(w.second(), 0);
        }
    }

    /** The best weights by name. */
    Map<String, Tensor> bestTensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        weights.forEach(w -> tensors.put(w.name(), Tensor.of(w.best(), w.dims())));
        return tensors;
    }
}
