package dev.tenon.samples.compress;

import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.distill.Heal;
import dev.tenon.compression.recipe.Recipe;
import dev.tenon.compression.recipe.Recipes;
import dev.tenon.compression.search.Objective;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;

/** Compresses a model by a recipe, judges the result, and saves it with a report. */
public final class CompressCommand implements Command {
    private static final int FLOOR_MISSED = 3;

    /** The code of a process that Ctrl-C has ended. */
    private static final int CANCELLED = 130;

    private final Recipes recipes;
    private final UnaryOperator<Progress> progress;

    /** Makes the command with the recipes of the library. */
    public CompressCommand() {
        this(Recipes.standard(), UnaryOperator.identity());
    }

    /**
     * Makes the command.
     *
     * @param recipes the recipes that it knows
     * @param progress may put another progress in the place of the one that prints
     */
    CompressCommand(Recipes recipes, UnaryOperator<Progress> progress) {
        this.recipes = recipes;
        this.progress = progress;
    }

    @Override
    public Usage usage() {
        return CompressOptions.usage();
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        CompressOptions options = CompressOptions.of(args);
        Recipe recipe = recipe(options.recipe());
        if (options.heal() > 0) {
            recipe = recipe.followedBy("heal epochs=" + options.heal(), Heal.epochs(options.heal()));
        }
        checkTargets(options);
        Compressor compressor = compressor(options);
        if (recipe.needsSamples() && options.calibrate().isEmpty()) {
            throw new UsageException("--recipe " + options.recipe() + " needs --calibrate");
        }
        BestSoFar best = new BestSoFar();
        try (Cancellation cancellation = new Cancellation()) {
            Progress told = cancellation.of(progress.apply(new PrintedProgress(out, best::text)));
            try {
                Compression result = recipe.run(compressor.onBest(best::accept), options.goal(), told);
                return finished(result, compressor, options, out);
            } catch (CancellationException e) {
                return cancelled(best, compressor, options, out);
            }
        }
    }

    private static int finished(Compression result, Compressor compressor, CompressOptions options, PrintStream out) {
        Compression.saveChecked(result.model(), options.out(), samples(compressor));
        if (options.json().isPresent()) {
            result.report().writeJson(options.json().get());
        }
        if (options.report().isPresent()) {
            result.report().writeHtml(options.report().get());
        }
        out.println();
        new Summary(result.report(), options).print(out);
        return result.report().isFloorMet() ? 0 : FLOOR_MISSED;
    }

    /** Saves the best model so far, and says how good it is. */
    private static int cancelled(BestSoFar best, Compressor compressor, CompressOptions options, PrintStream out)
            throws IOException {
        out.println();
        out.println("ended before the work was done");
        options.goal()
                .resume()
                .ifPresent(folder -> out.println("the same command goes on from " + folder + " where it was"));
        if (best.model().isEmpty()) {
            out.println("nothing was found in this run that is worth saving: wrote nothing");
            return CANCELLED;
        }
        Compression.saveChecked(best.model().get(), options.out(), samples(compressor));
        boolean isMet =
                best.score().map(s -> s.isWithin(compressor.allowedLoss())).orElse(true);
        String score = best.score()
                .map(s -> String.format(
                        Locale.ROOT,
                        ", loss %.4g, --floor %.4g%s",
                        s.loss(),
                        options.floor(),
                        isMet ? "" : ": the floor is missed"))
                .orElse(", not judged");
        long before = ModelSize.bytes(compressor.model());
        long after = Files.size(options.out());
        out.printf(
                Locale.ROOT,
                "wrote the best so far to %s, without a report: %,d -> %,d bytes%s%s%n",
                options.out(),
                before,
                after,
                after < before ? "" : ", which is not smaller",
                score);
        return CANCELLED;
    }

    /** The samples on which the written file is compared with the model. */
    private static Optional<Samples> samples(Compressor compressor) {
        return compressor.calibration().or(compressor::evaluation);
    }

    private Recipe recipe(String name) {
        if (name.endsWith(".json")) {
            return recipes.read(Path.of(name));
        }
        if (!recipes.names().contains(name)) {
            throw new UsageException("--recipe " + name + " is neither a file that ends with .json nor one of "
                    + String.join(", ", recipes.names()));
        }
        return recipes.find(name);
    }

    /** Finds out now whether the result can be saved. */
    private static void checkTargets(CompressOptions options) {
        Set<Path> targets = new HashSet<>();
        for (Optional<Path> target : List.of(Optional.of(options.out()), options.json(), options.report())) {
            if (target.isEmpty()) {
                continue;
            }
            Path file = target.get().toAbsolutePath().normalize();
            Path folder = file.getParent();
            if (folder == null || Files.isDirectory(file)) {
                throw new CompressionException(file.toString(), "a folder", "a file to write", null);
            }
            // Nothing is made beside a device or a pipe.
            boolean isPlain = Files.isRegularFile(file) || !Files.exists(file);
            if (isPlain && (!Files.isDirectory(folder) || !Files.isWritable(folder))) {
                throw new CompressionException(
                        file.toString(),
                        Files.isDirectory(folder) ? "a folder that can't be written" : "no folder " + folder,
                        "a folder that can be written",
                        "make it");
            }
            if (!targets.add(file)) {
                throw new UsageException("two results go to " + file);
            }
        }
        if (options.goal().resume().isPresent()
                && Files.isRegularFile(options.goal().resume().get())) {
            throw new CompressionException(options.goal().resume().get().toString(), "a file", "a folder", null);
        }
    }

    private static Compressor compressor(CompressOptions options) throws IOException {
        Compressor compressor =
                Compressor.of(options.model()).seed(options.seed()).measureLatency(options.threads());
        if (options.calibrate().isPresent()) {
            compressor = compressor.calibrate(options.calibration(compressor.model()));
        }
        if (options.confidence().isPresent()) {
            compressor = compressor.confidence(options.confidence().getAsDouble());
        }
        if (options.test().isPresent()) {
            Metric metric = options.metric(
                    options.metric(), options.testLabels(), options.test().get());
            compressor = compressor
                    .test(options.samples(options.test().get(), compressor.model()), metric)
                    .keepAccuracyWithin(options.floor());
        }
        if (!options.isJudged()) {
            return compressor;
        }
        Metric metric = options.metric(options.metric(), options.labels(), options.judgedOn());
        compressor = options.evaluate().isPresent()
                ? compressor.evaluate(options.samples(options.evaluate().get(), compressor.model()), metric)
                : compressor.evaluate(metric);
        return compressor.keepAccuracyWithin(options.floor());
    }

    /**
     * Whether the result is better by the objective.
     *
     * @param report the report
     * @param objective the objective
     * @return whether it is smaller, or faster where this is asked for and was measured
     */
    static boolean isBetter(CompressionReport report, Objective objective) {
        return objective == Objective.LATENCY && report.latency().isPresent()
                ? report.latency().get().afterMillis() < report.latency().get().beforeMillis()
                : report.isSmaller();
    }
}
