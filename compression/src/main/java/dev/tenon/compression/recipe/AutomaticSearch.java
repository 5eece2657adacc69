package dev.tenon.compression.recipe;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Step;
import dev.tenon.compression.distill.TrainedStep;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Search;
import dev.tenon.compression.search.Timings;
import dev.tenon.compression.trees.FewTrees;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chooses a technique for each layer. All recipes of steps but those that train are tried on all layers, so that no single one of them is better than
 * the result, and structured pruning is tried with quantisation after it. Some recipes may be chosen for each layer: for the
 * least size INT8, 4-bit weights with INT8 activations, and weights of 8 or 4 bits; for the least latency INT8 and low rank. Where the goal
 * has a step that heals, plans may lose four times of what is allowed before it, which is a choice, not a measured share.
 */
final class AutomaticSearch implements Recipe.Runner {
    private static final double RELAXED = 4;
    private static final String INT8 = "int8-static";
    private static final String LOW_RANK = "lowrank";
    private static final List<String> SMALL = List.of(INT8, "w4a8", "int4-weights", "int8-weights");
    private static final List<String> FAST = List.of(INT8, LOW_RANK);
    private static final List<String> FIRST = List.of("prune-structured-25", "prune-structured-50");
    private static final List<String> SECOND = List.of(INT8, "w4a8");

    @Override
    public Compression run(Compressor given, Goal goal, Progress progress) {
        Compressor compressor = given.stepsDone((task, share, remaining) -> progress.at(task, 0, Optional.empty()));
        boolean isFast = goal.objective() == Objective.LATENCY;
        Timings times = goal.times(compressor.current());
        Pays pays = isFast ? Pays.always() : new RememberedPays(compressor.current(), times);
        Search search = Search.of(compressor).objective(goal.objective());
        for (String name : isFast ? FAST : SMALL) {
            search = search.option(name, layers -> step(name, layers, pays));
        }
        for (String name : Recipes.standard().ofSteps()) {
            // Steps that train take too long for a trial.
            Step one = Recipes.standard().step(name, LayerFilter.all());
            boolean isTrained = one instanceof TrainedStep || one instanceof FewTrees;
            if (!isTrained && !(isFast ? FAST : SMALL).contains(name)) {
                search = search.whole(name, layers -> step(name, layers, pays));
            }
        }
        for (String first : FIRST) {
            for (String second : SECOND) {
                search = search.whole(
                        first + " " + second,
                        layers -> Chain.of(Stream.of(first, second)
                                .map(name -> step(name, layers, pays))
                                .toList()));
            }
        }
        if (goal.heal().isPresent()) {
            search = search.heal(RELAXED * compressor.allowedLoss(), goal.heal().get());
        }
        if (compressor.latencyThreads() > 0) {
            search = search.threads(compressor.latencyThreads());
        }
        if (goal.resume().isPresent()) {
            search = search.resumeFrom(goal.resume().get());
        }
        if (goal.timings().isPresent()) {
            search = search.timings(times);
        }
        return search.onBest((model, trial) -> compressor.listener().accept(model, trial.score()))
                .run(progress)
                .compression();
    }

    /** A recipe as a step. Where the search measures each trial as a whole, a chain of low rank need not be measured by itself. */
    private static Step step(String name, LayerFilter layers, Pays pays) {
        Step step = Recipes.standard().step(name, layers);
        return step instanceof LowRank lowRank ? lowRank.pays(pays) : step;
    }
}
