package dev.tenon.compression.recipe;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Step;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.formats.ModelBytes;
import java.util.ArrayList;
import java.util.List;

/** A compression with a name: steps in their order, or a search. Immutable. */
public final class Recipe {
    private final String name;
    private final boolean needsSamples;
    private final List<LayerFilter> filters;
    private final Runner runner;
    private final boolean isSearch;

    /** The steps, if it is no search and does not run in a way of its own; otherwise null. */
    private final Steps steps;

    /**
     * Steps, and a text that tells them and their options.
     *
     * @param text the text, by which checkpoints are found again
     */
    private record Steps(String text, List<Step> all) {
        Compression run(Compressor compressor, Goal goal, Progress progress) {
            Compressor kept = goal.resume().isPresent()
                    ? compressor.checkpoints(goal.resume().get())
                    : compressor;
            Compression result = kept.resumeFrom(RecipeMemory.of(goal, compressor, text))
                    .apply(timed(all, compressor.model(), goal))
                    .run(progress);
            return new Compression(
                    result.model(), result.report().withRecipe(result.report().recipe(), text));
        }
    }

    /** Runs a compression. */
    @FunctionalInterface
    public interface Runner {
        /**
         * Runs a compression.
         *
         * @param compressor has the model, samples, metric, allowed loss and seed
         * @param goal the aim of a search
         * @param progress learns how far the work is
         * @return the compressed model and the report
         */
        Compression run(Compressor compressor, Goal goal, Progress progress);
    }

    private Recipe(String name, boolean needsSamples, List<LayerFilter> filters, Runner runner) {
        this(name, needsSamples, filters, runner, false, null);
    }

    private Recipe(
            String name,
            boolean needsSamples,
            List<LayerFilter> filters,
            Runner runner,
            boolean isSearch,
            Steps steps) {
        this.name = name;
        this.needsSamples = needsSamples;
        this.filters = filters;
        this.runner = runner;
        this.isSearch = isSearch;
        this.steps = steps;
    }

    /**
     * A recipe of steps.
     *
     * @param name its name. Checkpoints are found again by it: give steps with other options another name
     * @param steps the steps in their order
     * @return the recipe
     */
    public static Recipe of(String name, List<Step> steps) {
        return of(name, name, steps, List.of());
    }

    /**
     * A recipe whose layers are checked before any work.
     *
     * @param text a text that tells the steps and their options
     */
    static Recipe of(String name, String text, List<Step> steps, List<LayerFilter> filters) {
        boolean needsSamples = steps.stream().anyMatch(Step::needsSamples);
        Steps all = new Steps(text, List.copyOf(steps));
        return new Recipe(name, needsSamples, List.copyOf(filters), all::run, false, all);
    }

    /** The steps, which take the times that they measure from where the goal keeps them. */
    private static Step[] timed(List<Step> steps, Model model, Goal goal) {
        RememberedPays pays = new RememberedPays(model, goal.times(model));
        return steps.stream()
                .map(step -> step instanceof LowRank lowRank ? lowRank.paysByDefault(pays) : step)
                .toArray(Step[]::new);
    }

    /**
     * A recipe that runs in a way of its own.
     *
     * @param name its name
     * @param needsSamples whether it needs samples for calibration
     * @param runner runs it
     * @return the recipe
     */
    public static Recipe of(String name, boolean needsSamples, Runner runner) {
        return new Recipe(name, needsSamples, List.of(), runner);
    }

    /**
     * A recipe that searches.
     *
     * @param name its name
     * @param runner runs the search, and heals what it finds if the goal has a step for that
     * @return the recipe, which needs samples for calibration
     */
    public static Recipe search(String name, Runner runner) {
        return new Recipe(name, true, List.of(), runner, true, null);
    }

    /**
     * This recipe and further steps, which are applied to its result. They heal what a search finds: see
     * {@link dev.tenon.compression.search.Search#heal}.
     *
     * @param told a text that tells the steps and their options, by which checkpoints are found again
     * @param more the steps
     * @return the recipe, whose name is that of this one and those of the steps, joined by {@code +}
     * @throws CompressionException if this recipe is none of steps and no search, but runs in a way of its own
     */
    public Recipe followedBy(String told, Step... more) {
        if (isSearch) {
            Step heal = Chain.of(List.of(more));
            return search(name + '+' + heal.name(), (c, goal, progress) -> runner.run(c, goal.heal(heal), progress));
        }
        if (steps == null) {
            throw new CompressionException(
                    "recipe '" + name + "'",
                    "no list of steps",
                    "recipes of steps, or searches, before further steps",
                    null);
        }
        List<Step> all = new ArrayList<>(steps.all());
        StringBuilder names = new StringBuilder(name);
        for (Step step : more) {
            all.add(step);
            names.append('+').append(step.name());
        }
        return of(names.toString(), steps.text() + '\n' + told, all, filters);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return whether the recipe needs samples for calibration} */
    public boolean needsSamples() {
        return needsSamples;
    }

    /**
     * Compresses a model. The selectors of all steps are compared with the layers of the model before any work.
     *
     * @param compressor has the model, samples, metric, allowed loss and seed
     * @param goal the aim of a search
     * @param progress learns how far the work is
     * @return the compressed model, and a report with the name of this recipe
     * @throws dev.tenon.compression.CompressionException as {@link Compressor#run}
     * @throws java.util.concurrent.CancellationException if the progress has cancelled the run
     */
    public Compression run(Compressor compressor, Goal goal, Progress progress) {
        return ModelBytes.guarded("recipe '" + name + "'", () -> {
            filters.forEach(filter -> filter.check(compressor.model().graph()));
            Compression result = runner.run(compressor, goal, progress);
            return new Compression(result.model(), result.report().withRecipe(name));
        });
    }
}
