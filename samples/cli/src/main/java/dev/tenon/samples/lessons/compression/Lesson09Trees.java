package dev.tenon.samples.lessons.compression;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.trees.Trees;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.Tensor;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trees: equal parts of a tree are stored once, which changes no bit of a result. Then trees are dropped as long as a floor
 * allows, and the weights of the others make up for them.
 */
public final class Lesson09Trees implements Command {
    private static final double FLOOR = 0.01;

    /** Makes the lesson. */
    public Lesson09Trees() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-trees", "A lesson: tree ensembles that get smaller.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-trees");
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        usage().parse(args);
        CharacterForest forest = CharacterForest.grow();
        Model model = forest.model();
        Samples judges = Samples.of(forest.judges());
        Metric accuracy = Metric.accuracy(forest.labels());
        Compressor compressor =
                Compressor.of(model).calibrate(Samples.of(forest.calibration())).evaluate(judges, accuracy);
        out.println("1. A forest over the JDK's table of characters, with equal parts merged:");
        Compression merged = compressor.apply(Trees.merge()).run();
        print(merged, out);
        out.println("2. Trees dropped as long as at most one point of accuracy is lost:");
        Compression dropped = compressor
                .apply(Trees.drop(FLOOR, judges, accuracy))
                .keepAccuracyWithin(FLOOR)
                .run();
        print(dropped, out);
        boolean right =
                CompressedEncoder.check(out, "merging changes no bit", areSame(model, merged.model(), forest.judges()));
        right &= CompressedEncoder.check(
                out, "dropping keeps the floor", dropped.report().isFloorMet());
        right &= CompressedEncoder.check(
                out,
                "less than half of the bytes of the merged forest is left",
                2 * dropped.report().sizeBytes().after()
                        < merged.report().sizeBytes().after());
        return right ? 0 : 1;
    }

    private static void print(Compression result, PrintStream out) {
        Score score = result.report().score().orElseThrow();
        out.printf(
                Locale.ROOT,
                "   %,d -> %,d bytes, %.2f -> %.2f %% right of %d%n",
                result.report().sizeBytes().before(),
                result.report().sizeBytes().after(),
                100 * score.before(),
                100 * score.after(),
                score.samples());
    }

    private static boolean areSame(Model before, Model after, List<Map<String, Tensor>> inputs) {
        for (Map<String, Tensor> input : inputs) {
            float[] x = before.predict(input).tensor("scores").toFloatArray();
            float[] y = after.predict(input).tensor("scores").toFloatArray();
            for (int i = 0; i < x.length; i++) {
                if (Float.floatToRawIntBits(x[i]) != Float.floatToRawIntBits(y[i])) {
                    return false;
                }
            }
        }
        return true;
    }
}
