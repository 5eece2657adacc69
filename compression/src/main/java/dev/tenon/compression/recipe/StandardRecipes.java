package dev.tenon.compression.recipe;

import dev.tenon.compression.Step;
import dev.tenon.compression.calibrate.Calibration;
import dev.tenon.compression.distill.Distill;
import dev.tenon.compression.distill.Heal;
import dev.tenon.compression.distill.Loss;
import dev.tenon.compression.distill.Students;
import dev.tenon.compression.distill.TrainedStep;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.floats.BFloat16;
import dev.tenon.compression.floats.Float16;
import dev.tenon.compression.prune.MaskPruning;
import dev.tenon.compression.prune.Prune;
import dev.tenon.compression.prune.Saliency;
import dev.tenon.compression.prune.StructuredPruning;
import dev.tenon.compression.quantize.DynamicQuantization;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.quantize.StaticQuantization;
import dev.tenon.compression.quantize.WeightRounding;
import dev.tenon.compression.quantize.weights.BlockRounding;
import dev.tenon.compression.quantize.weights.GptqRounding;
import dev.tenon.compression.quantize.weights.Int4Weights;
import dev.tenon.compression.quantize.weights.QuantizeWeights;
import dev.tenon.compression.trees.Trees;

/** The recipes of the library, a line for each. The options that a JSON recipe may give are those that the methods below read. */
final class StandardRecipes {
    private static final int MOST_TREES = 100_000;
    private static final int MOST_EPOCHS = 10_000;

    static final Recipes ALL = Recipes.none()
            .step("int8-static", options -> staticInt8(options, 8))
            .step("int8-dynamic", StandardRecipes::dynamicInt8)
            .step("int8-weights", options -> QuantizeWeights.int8().layers(options.layers()))
            .step("int4-weights", StandardRecipes::int4Weights)
            .step("w4a8", options -> staticInt8(options, 4))
            .step("w3a8", options -> staticInt8(options, 3))
            .step("float16", options -> Float16.step().layers(options.layers()))
            .step("bfloat16", options -> BFloat16.weights().layers(options.layers()))
            .step("prune-50", options -> masked(Prune.unstructured(options.number("share", 0.5, 0, 1)), options))
            .step("prune-2:4", options -> masked(Prune.pattern(2, 4), options))
            .step("prune-structured-25", options -> structured(options, 0.25))
            .step("prune-structured-50", options -> structured(options, 0.5))
            .step(
                    "lowrank",
                    options ->
                            LowRank.energy(options.number("energy", 0.95, 0, 1)).layers(options.layers()))
            .step("distill", StandardRecipes::distilled)
            .step("heal", StandardRecipes::healed)
            .step(
                    "few-trees",
                    options -> Distill.intoTrees(options.integer("trees", 50, 1, MOST_TREES))
                            .depth(options.integer("depth", 12, 1, 64))
                            .leaves(options.integer("leaves", 128, 2, 1 << 16))
                            .learningRate(options.number("rate", 0.1, 1e-6, 1)))
            .runner("trees", false, (compressor, goal, progress) -> {
                Step step = compressor.metric().isEmpty()
                                || compressor.evaluation().isEmpty()
                                || Double.isInfinite(compressor.allowedLoss())
                        ? Trees.merge()
                        : Trees.drop(
                                compressor.allowedLoss(),
                                compressor.evaluation().get(),
                                compressor.metric().get());
                return compressor
                        .resumeFrom(RecipeMemory.of(goal, compressor, "trees"))
                        .apply(step)
                        .run(progress);
            })
            .search("auto", new AutomaticSearch());

    private StandardRecipes() {}

    /** A student of fewer layers if these are asked for, otherwise of fewer channels. */
    private static Step distilled(StepOptions options) {
        int layers = options.integer("layers", 1, 1, 64);
        double channels = options.number("channels", layers > 1 ? 0 : 0.5, 0, 0.99);
        Distill step = Distill.into(teacher -> {
            Students student = Students.of(teacher);
            student = layers > 1 ? student.everyNthLayer(layers) : student;
            return (channels > 0 ? student.channels(channels) : student).build();
        });
        return trained(step.epochs(options.integer("epochs", 10, 1, MOST_EPOCHS)), options);
    }

    private static Step healed(StepOptions options) {
        Heal step = Heal.epochs(options.integer("epochs", 3, 1, MOST_EPOCHS));
        boolean areLearned = options.choice("scales", "fixed", "learned").equals("learned");
        return trained(areLearned ? step.learnScales() : step, options);
    }

    private static <S extends TrainedStep<S>> S trained(S step, StepOptions options) {
        double temperature = options.number("temperature", 4, 0.01, 100);
        S result = step.patience(options.integer("patience", 0, 0, MOST_EPOCHS))
                .batch(options.integer("batch", 64, 1, 1 << 16))
                .average(options.number("average", 0, 0, 0.99999))
                .loss(
                        switch (options.choice("loss", "mse", "kl", "cosine")) {
                            case "kl" -> Loss.kl(temperature);
                            case "cosine" -> Loss.cosine();
                            default -> Loss.meanSquaredError();
                        });
        double rate = options.number("rate", 0, 0, 1);
        return rate > 0 ? result.learningRate(rate) : result;
    }

    private static Step staticInt8(StepOptions options, int bits) {
        StaticQuantization step = Quantize.int8()
                .weightBits(bits)
                .calibration(calibration(options))
                .layers(options.layers())
                .rounding(rounding(options, bits));
        step = options.choice("granularity", "channel", "tensor").equals("tensor")
                ? step.perTensor()
                : step.perChannel();
        step = options.flag("reduceRange", false) ? step.reduceRange() : step;
        step = options.flag("symmetric", false) ? step.symmetric() : step;
        step = options.flag("equalize", false) ? step.equalize() : step;
        step = options.flag("smooth", false) ? step.smooth() : step;
        boolean isOperatorForm =
                bits == 8 && options.choice("form", "qdq", "qoperator").equals("qoperator");
        step = isOperatorForm ? step.asQOperator() : step;
        return options.flag("correctBias", bits < 8) ? step.correctBias() : step;
    }

    private static Calibration calibration(StepOptions options) {
        double percent = options.number("percentile", 99.99, 50, 100);
        return switch (options.choice("calibrator", "mse", "min-max", "percentile", "entropy")) {
            case "min-max" -> Calibration.MIN_MAX;
            case "percentile" -> Calibration.percentile(percent);
            case "entropy" -> Calibration.ENTROPY;
            default -> Calibration.MSE;
        };
    }

    /** GPTQ rounds the columns with the largest inputs first where bits are few. */
    private static WeightRounding rounding(StepOptions options, int bits) {
        boolean isGptq = bits < 8
                ? options.choice("rounding", "gptq", "nearest").equals("gptq")
                : options.choice("rounding", "nearest", "gptq").equals("gptq");
        if (!isGptq) {
            return WeightRounding.nearest();
        }
        return bits < 4 ? GptqRounding.ordered() : new GptqRounding();
    }

    private static Step dynamicInt8(StepOptions options) {
        DynamicQuantization step = Quantize.dynamicInt8().layers(options.layers());
        step = options.choice("granularity", "channel", "tensor").equals("tensor")
                ? step.perTensor()
                : step.perChannel();
        step = options.flag("reduceRange", false) ? step.reduceRange() : step;
        step = options.choice("convolutions", "integer", "weights").equals("weights")
                ? step.withoutConvolutions()
                : step;
        return options.flag("smooth", true) ? step.smoothIfCalibrated() : step;
    }

    private static Step int4Weights(StepOptions options) {
        Int4Weights step = QuantizeWeights.int4()
                .block(options.integer("block", 32, 16, 256))
                .rounding(options.choice("rounding", BlockRounding.GPTQ))
                .layers(options.layers());
        return options.flag("symmetric", false) ? step.symmetric() : step.asymmetric();
    }

    private static Step masked(MaskPruning step, StepOptions options) {
        return step.by(options.choice("saliency", Saliency.SECOND_ORDER)).layers(options.layers());
    }

    private static Step structured(StepOptions options, double share) {
        StructuredPruning step = Prune.structured(options.number("share", share, 0, 1))
                .by(options.choice("saliency", Saliency.SECOND_ORDER))
                .layers(options.layers());
        return step.reconstruct(options.flag("reconstruct", true)).multipleOf(options.integer("multipleOf", 8, 1, 64));
    }
}
