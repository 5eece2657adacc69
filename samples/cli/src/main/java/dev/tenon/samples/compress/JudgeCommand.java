package dev.tenon.samples.compress;

import dev.tenon.Model;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Score;
import dev.tenon.compression.compare.Comparison;
import dev.tenon.compression.compare.ComparisonReport;
import dev.tenon.formats.AtomicFile;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Judges two models on the same data: how much worse is the second, and may that be chance? */
public final class JudgeCommand implements Command {
    private static final int FLOOR_MISSED = 3;

    @Override
    public Usage usage() {
        Usage usage = Usage.of(
                "samples/run judge", "Judges two models on the same data: is the second worse, or is it chance?");
        return DataOptions.described(usage)
                .arguments(
                        "A B DATA",
                        "two models of any format, and samples: a file .npy, .npz, .txt or .csv, or a folder")
                .option(
                        "--metric",
                        "NAME,..",
                        DataOptions.METRICS + "; top1 with labels and cosine without if it is not given")
                .option("--floor", "LOSS", "what B may lose, in units of the metric")
                .option("--json", "FILE", "writes the report as JSON")
                .exit(FLOOR_MISSED, "the floor is missed")
                .example(
                        "samples/run judge model.onnx small.onnx test.npy --labels test-labels.npy --metric top1,f1 --floor 0.005");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        Arguments given = usage().parse(args);
        List<String> names = given.rest();
        if (names.size() != 3) {
            throw new UsageException("name two models and data, not " + names);
        }
        DataOptions options = new DataOptions(given);
        options.checkData();
        Metric[] metrics = metrics(options, Path.of(names.get(2)));
        Model a = Model.load(Arguments.model(names.get(0)));
        Model b = Model.load(Arguments.model(names.get(1)));
        Comparison comparison = Comparison.of(a, b)
                .on(options.samples(Path.of(names.get(2)), a))
                .metrics(metrics)
                .seed(options.seed());
        if (options.confidence().isPresent()) {
            comparison = comparison.confidence(options.confidence().getAsDouble());
        }
        if (given.has("--floor")) {
            comparison = comparison.floor(options.floor());
        }
        ComparisonReport report = comparison.run(new PrintedProgress(out));
        if (given.path("--json").isPresent()) {
            AtomicFile.writeText(given.path("--json").get(), report.toJson() + "\n");
        }
        out.println();
        for (Score score : report.scores()) {
            out.println(Summary.metric(score) + ": " + report.verdict(score).text());
        }
        return report.isFloorMet() ? 0 : FLOOR_MISSED;
    }

    private static Metric[] metrics(DataOptions options, Path data) {
        String names = options.given.value("--metric").orElse(options.labels().isPresent() ? "top1" : "cosine");
        Optional<Path> labels = options.labels();
        List<Metric> metrics = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            metrics.add(options.metric(name, labels, data));
        }
        return metrics.toArray(Metric[]::new);
    }
}
