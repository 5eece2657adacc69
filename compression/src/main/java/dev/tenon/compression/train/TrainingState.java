package dev.tenon.compression.train;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

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
     * A weight, in native memory, which steps of training change in place.
     *
     * @param name the name of the constant
     * @param now its elements
     * @param best those that had the least loss
     * @param first the mean of the gradients
     * @param second the mean of their squares; null for none
     * @param average the mean of the elements over steps; null for none
     * @param zeros true for elements that stay zero; null for none
     */
    record Weight(String name, Tensor now, Tensor best, Tensor first, Tensor second, Tensor average, Tensor zeros) {
        static Weight of(String name, Tensor initial, TrainingOptions options) {
            boolean hasSecond = options.optimizer().kind() == TrainingOptions.Kind.ADAM_W;
            return new Weight(
                    name,
                    copy(initial),
                    copy(initial),
                    zeros(initial),
                    hasSecond ? zeros(initial) : null,
                    options.average() > 0 ? copy(initial) : null,
                    options.keepsZeros() && initial.rank() > 1 ? mask(initial) : null);
        }

        private static Tensor zeros(Tensor like) {
            return Tensor.allocateNative(DType.FLOAT32, like.dims());
        }

        private static Tensor copy(Tensor initial) {
            Tensor copy = zeros(initial);
            copy.copyFrom(initial);
            return copy;
        }

        /** True for the zeros of a tensor; null if it has none. */
        private static Tensor mask(Tensor initial) {
            Tensor mask = Tensor.allocate(DType.BOOL, initial.dims());
            boolean hasAny = false;
            for (long k = 0; k < initial.size(); k++) {
                boolean isZero = initial.getFloat(k) == 0;
                mask.setLong(k, isZero ? 1 : 0);
                hasAny |= isZero;
            }
            return hasAny ? mask : null;
        }

        /** The elements that are judged: their mean over steps if there is one. */
        Tensor mean() {
            return average != null ? average : now;
        }

        /** The tensors that training changes. */
        List<Tensor> tensors() {
            return Stream.of(now, best, first, second, average)
                    .filter(Objects::nonNull)
                    .toList();
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
        weights.forEach(w -> w.best().copyFrom(w.mean()));
    }

    /** Goes back to the best weights, with half of the rate and without momentum. */
    void backToBest() {
        rateScale /= 2;
        moves = 0;
        for (Weight w : weights) {
            w.now().copyFrom(w.best());
            w.mean().copyFrom(w.best());
            w.first().segment().fill((byte) 0);
            if (w.second() != null) {
                w.second().segment().fill((byte) 0);
            }
        }
    }

    /** The best weights by name. */
    Map<String, Tensor> bestTensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        weights.forEach(w -> tensors.put(
                w.name(), Tensor.wrap(w.best().toFloatArray(), w.best().dims())));
        return tensors;
    }
}
