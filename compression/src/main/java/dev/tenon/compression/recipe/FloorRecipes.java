package dev.tenon.compression.recipe;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Search;
import dev.tenon.compression.search.Timings;
import dev.tenon.compression.trees.Trees;
import java.util.function.UnaryOperator;

/** Recipes that go as far as the floor of the compressor allows. */
public final class FloorRecipes {
    /** Half a point of accuracy or cosine: the loss that is allowed if the compressor does not say. */
    private static final double STANDARD_LOSS = 0.005;

    private FloorRecipes() {}

    /**
     * Merges equal parts of trees, and drops trees if the compressor has a metric and samples. Trees are ranked by the samples
     * for calibration, or by those for evaluation if there are none.
     *
     * @param compressor has the model, samples, metric and allowed loss
     * @param goal not needed
     * @param progress learns how far the work is
     * @return the compressed model and the report
     */
    public static Compression trees(Compressor compressor, Goal goal, Progress progress) {
        if (compressor.metric().isEmpty() || compressor.evaluation().isEmpty()) {
            return compressor.apply(Trees.merge()).run(progress);
        }
        Compressor judged = judged(compressor);
        if (judged.calibration().isEmpty()) {
            judged = judged.calibrate(judged.evaluation().get());
        }
        return judged.apply(Trees.drop(
                        judged.allowedLoss(), judged.evaluation().get(), judged.metric().get()))
                .run(progress);
    }

    /**
     * Searches. Without a metric, results are judged by the cosine.
     *
     * @param options adds the options to a search
     * @return runs the search
     */
    public static Recipe.Runner search(UnaryOperator<Search> options) {
        return (compressor, goal, progress) -> {
            Search search = options.apply(
                            Search.of(judged(compressor)).threads(Math.max(1, compressor.latencyThreads())))
                    .objective(Objective.valueOf(goal.objective().name()));
            if (goal.resume().isPresent()) {
                search = search.resumeFrom(goal.resume().get());
            }
            if (goal.timings().isPresent()) {
                search = search.timings(Timings.file(goal.timings().get()));
            }
            return search.run(progress).compression();
        };
    }

    private static Compressor judged(Compressor compressor) {
        Compressor judged = compressor.metric().isPresent() ? compressor : compressor.evaluate(Metric.cosine());
        return Double.isInfinite(judged.allowedLoss()) ? judged.keepAccuracyWithin(STANDARD_LOSS) : judged;
    }
}
