package dev.tenon.compression.distill;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.train.Trainer;
import dev.tenon.compression.train.TrainingOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A step that trains. A tenth of the samples for calibration, which the seed chooses, judges after each epoch, and the weights that do
 * best there are the result. Samples for evaluation are never seen. The same samples, options and seed give the same bytes at any
 * number of threads, on processors with the same instruction sets. Immutable; each method returns a changed copy.
 *
 * <p>Weights, biases, and what normalisations multiply with and add are trained, as far as they are float32. Tables that rows are
 * gathered from, statistics of batch normalisation, masks and single numbers stay as they are. All samples are in memory.
 *
 * <p>A loss that is no number, or ten times that before training, sends the weights back to the best ones with half of the rate, once;
 * then it ends the training.
 *
 * @param <S> the step
 */
public abstract sealed class TrainedStep<S extends TrainedStep<S>> implements Step permits Distill, Heal {
    private static final int MOST_EPOCHS = 100_000;
    private static final int MOST_BATCH = 1 << 16;

    private final Values settings;

    /** The options. */
    static final class Values extends Settings<Values> {
        private Loss loss = Loss.meanSquaredError();
        private TrainingOptions.Kind optimizer = TrainingOptions.Kind.ADAM_W;
        private double rate;
        private double decay = 0.01;
        private double clip = 1;
        private double average;
        private int epochs = 10;
        private int patience;
        private int batch = 64;
        private int threads;
        private OptionalLong seed = OptionalLong.empty();
        /** Null for the first one of floating-point numbers. */
        private String output;

        Values(double rate) {
            this.rate = rate;
        }
    }

    TrainedStep(Values settings) {
        this.settings = settings;
    }

    /** The options. */
    final Values settings() {
        return settings;
    }

    /** This step with other options. */
    abstract S copy(Values changed);

    private S with(Consumer<Values> change) {
        return copy(settings.with(change));
    }

    private static void check(boolean isAllowed, String option, Object found, String allowed) {
        if (!isAllowed) {
            throw new InvalidOptionException(option, found + "", allowed, null);
        }
    }

    /**
     * How far outputs are from those of the teacher.
     *
     * @param formula the loss; the mean squared error if this is not called
     * @return the changed copy
     */
    public S loss(Loss formula) {
        return with(s -> s.loss = formula);
    }

    /** This step with another number of epochs. */
    final S trainedFor(int count) {
        check(count >= 1 && count <= MOST_EPOCHS, getClass().getSimpleName() + ".epochs", count, "1 to " + MOST_EPOCHS);
        return with(s -> s.epochs = count);
    }

    /**
     * After how many epochs without a smaller loss on the samples that judge training ends.
     *
     * @param count at least 1, or 0 for never, as if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is negative
     */
    public S patience(int count) {
        check(count >= 0, "TrainedStep.patience", count, "0 or more");
        return with(s -> s.patience = count);
    }

    /**
     * The largest rate of a step. It rises from 0 over the first twentieth of all steps, and falls to 0 by half of a cosine.
     *
     * @param rate above 0; {@link Distill} and {@link Heal} say which if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is not above 0, or infinite
     */
    public S learningRate(double rate) {
        check(rate > 0 && !Double.isInfinite(rate), "TrainedStep.learningRate", rate, "finite numbers above 0");
        return with(s -> s.rate = rate);
    }

    /**
     * The samples of a step. A network that takes a fixed number takes that one.
     *
     * @param samples at least 1; 64 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is out of range
     */
    public S batch(int samples) {
        check(samples >= 1 && samples <= MOST_BATCH, "TrainedStep.batch", samples, "1 to " + MOST_BATCH);
        return with(s -> s.batch = samples);
    }

    /**
     * The seed of the order of samples, and of the choice of those that judge.
     *
     * @param number any number; that of the compressor if this is not called
     * @return the changed copy
     */
    public S seed(long number) {
        return with(s -> s.seed = OptionalLong.of(number));
    }

    /**
     * Trains by gradient descent with a momentum of 0.9 in the place of AdamW with 0.9 and 0.999.
     *
     * @return the changed copy
     */
    public S momentum() {
        return with(s -> s.optimizer = TrainingOptions.Kind.MOMENTUM);
    }

    /**
     * The share of itself, times the rate, that a weight loses in a step. Weights of one dimension lose nothing.
     *
     * @param share at least 0; 0.01 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is negative or not finite
     */
    public S weightDecay(double share) {
        check(share >= 0 && share < Double.POSITIVE_INFINITY, "TrainedStep.weightDecay", share, "finite, at least 0");
        return with(s -> s.decay = share);
    }

    /**
     * The largest norm of all gradients together. Larger ones are scaled down to it.
     *
     * @param norm above 0, perhaps infinite; 1 if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is not above 0
     */
    public S clip(double norm) {
        check(norm > 0, "TrainedStep.clip", norm, "numbers above 0");
        return with(s -> s.clip = norm);
    }

    /**
     * Takes the exponential moving average of the weights over steps in the place of the weights: it is judged after each epoch, and is
     * the result. The mean of the first n steps keeps no more than (1 + n) / (10 + n) of itself.
     *
     * @param share the share of the mean that stays in a step, such as 0.999: at least 0 and below 1; 0, for no mean, if this is not
     *     called
     * @return the changed copy
     * @throws InvalidOptionException if it is out of range
     */
    public S average(double share) {
        check(share >= 0 && share < 1, "TrainedStep.average", share, "0 or more, below 1");
        return with(s -> s.average = share);
    }

    /**
     * The threads of a step, which do not change the result.
     *
     * @param count at least 1, or 0 for all processors, as if this is not called
     * @return the changed copy
     * @throws InvalidOptionException if it is negative
     */
    public S threads(int count) {
        check(count >= 0, "TrainedStep.threads", count, "0 or more");
        return with(s -> s.threads = count);
    }

    /**
     * The output of the teacher that is compared. The student has one of the same name, or one alone.
     *
     * @param name the name; the first output of floating-point numbers if this is not called
     * @return the changed copy
     */
    public S output(String name) {
        return with(s -> s.output = name);
    }

    @Override
    public final boolean needsSamples() {
        return true;
    }

    /** The models to learn from: those that were given, or the one before compression. */
    static List<Model> teachers(List<Model> given, String step, StepContext context) {
        return !given.isEmpty()
                ? given
                : List.of(context.source()
                        .orElseThrow(() -> new CompressionException(
                                step, "no teacher", "one and more", "name one, or run the step in a Compressor")));
    }

    /**
     * A network to train.
     *
     * @param model the network
     * @param scales the names of constants that are trained although they are no weights
     * @param names the names of its values by those of the teacher, where they differ
     * @param keepsZeros whether weights that are zero stay so
     */
    record Made(Model model, Set<String> scales, Map<String, String> names, boolean keepsZeros) {}

    /** Trains a network, and reports. */
    final Model trained(Made student, List<Model> teachers, Tensor labels, StepContext context) {
        Values s = settings;
        TrainingOptions options = new TrainingOptions(
                s.loss.terms(),
                new TrainingOptions.OptimizerOptions(s.optimizer, s.rate, s.decay, s.clip),
                s.epochs,
                s.patience,
                s.batch,
                s.threads,
                s.seed.orElse(context.seed()),
                s.average,
                student.keepsZeros());
        Trainer.Result result = Trainer.train(
                new Trainer.Task(
                        name(),
                        student.model(),
                        student.scales(),
                        student.names(),
                        teachers,
                        s.output,
                        labels,
                        options),
                context);
        context.report(result.report());
        return result.student();
    }

    /** {@return the name and the options} */
    @Override
    public String toString() {
        Values s = settings;
        return name() + " " + s.loss + " " + s.optimizer + " " + s.rate + " " + s.decay + " " + s.clip + " " + s.epochs
                + " " + s.patience + " " + s.average + " " + s.batch + " " + s.seed + " " + s.output;
    }
}
