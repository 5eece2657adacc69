package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Step;
import dev.tenon.compression.distill.Heal;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.compression.prune.Prune;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.compression.search.Search;
import dev.tenon.compression.search.SearchResult;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Healing: the weights that a step has left are trained, without labels, until the network gives the outputs of the model before it again.
 * Then a search heals what it finds, and comes to a smaller model with the same floor.
 */
public final class Lesson14Healing implements Command {
    private static final double FLOOR = 0.004;

    /** The loss that a plan of the search may have before it is healed. */
    private static final double RELAXED = 0.1;

    /** Makes the lesson. */
    public Lesson14Healing() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-healing", "A lesson: training wins back what other techniques have cost.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-healing");
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        usage().parse(args);
        TrainingLesson lesson = TrainingLesson.of(out);
        out.println("1. A network learns drawn digits:");
        Compressor compressor = lesson.compressor(lesson.taught().model());
        Heal heal = Heal.epochs(4).learningRate(TrainingLesson.RATE);
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("channels", Prune.structured(0.75).lastHidden(true).leastWidth(1));
        steps.put("single weights", Prune.unstructured(0.9));
        steps.put("low rank", LowRank.energy(0.5).pays(Pays.always()));
        out.println(
                "2. Three quarters of its channels, nine tenths of its weights, or half of its energy go, and it is healed:");
        boolean right = true;
        for (Map.Entry<String, Step> step : steps.entrySet()) {
            Compression cut = lesson.run(compressor, step.getValue());
            Compression healed = lesson.run(compressor, step.getValue(), heal);
            right &= CompressedEncoder.check(
                    out,
                    step.getKey() + ": healing takes away more than half of the divergence",
                    TrainingLesson.divergence(healed) < 0.5 * TrainingLesson.divergence(cut));
        }
        out.println("3. A search for the smallest model that loses at most 0.4 points, without healing and with it:");
        Search search = Search.of(compressor.keepAccuracyWithin(FLOOR))
                .whole(
                        "channels",
                        layers -> Prune.structured(0.75)
                                .lastHidden(true)
                                .leastWidth(1)
                                .layers(layers))
                .option("int8", layers -> Quantize.int8().layers(layers));
        SearchResult plain = search.run();
        SearchResult healed = search.heal(RELAXED, heal).run();
        lesson.print(plain.compression());
        lesson.print(healed.compression());
        out.println("   " + plain.best().name() + " and " + healed.best().name());
        right &= CompressedEncoder.check(
                out,
                "the healed model is smaller",
                healed.best().sizeBytes() < plain.best().sizeBytes());
        right &= CompressedEncoder.check(
                out,
                "both keep within the floor",
                plain.compression().report().isFloorMet()
                        && healed.compression().report().isFloorMet());
        return right ? 0 : 1;
    }
}
