package dev.tenon.samples.compress;

import dev.tenon.compression.Metric;
import dev.tenon.compression.Score;
import dev.tenon.compression.compare.Comparison;
import dev.tenon.compression.compare.ComparisonReport;
import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.npy.Npy;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Judges two models on the same data: how much worse is the second, and may that be chance? */
public final class JudgeCommand implements Command {
    private static final int FLOOR_MISSED = 3;
    private static final int MOST_BEST_DIGITS = 6;

    @Override
    public Usage usage() {
        Usage usage = Usage.of(
                "samples/run judge", "Judges two models on the same data: is the second worse, or is it chance?");
        return DataOptions.described(usage)
                .arguments("A B DATA", "two models of any format, and samples: a file .npy or .npz, or a folder")
                .option(
                        "--metric",
                        "NAME,..",
                        "cosine, mse, top1, top<k>, f1, auc, log-loss, perplexity, map, spearman, recall@<k> or ndcg@<k>; top1 "
                                + "with labels and cosine without if it is not given")
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
        Metric[] metrics = metrics(options);
        Comparison comparison = Comparison.of(Arguments.model(names.get(0)), Arguments.model(names.get(1)))
                .on(options.samples(Path.of(names.get(2))))
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
            byte[] json = (report.toJson() + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(given.path("--json").get(), channel -> {
                ByteBuffer bytes = ByteBuffer.wrap(json);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            });
        }
        out.println();
        for (Score score : report.scores()) {
            out.println(Summary.metric(score) + ": " + report.verdict(score).text());
        }
        return report.isFloorMet() ? 0 : FLOOR_MISSED;
    }

    private static Metric[] metrics(DataOptions options) {
        String names = options.given.value("--metric").orElse(options.labels().isPresent() ? "top1" : "cosine");
        Tensor labels = options.labels().map(Npy::read).orElse(null);
        List<Metric> metrics = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            Metric metric = metric(name, labels);
            metrics.add(options.output().map(metric::output).orElse(metric));
        }
        return metrics.toArray(Metric[]::new);
    }

    private static Metric metric(String name, Tensor labels) {
        if (name.equals("cosine")) {
            return Metric.cosine();
        }
        if (name.equals("mse")) {
            return Metric.meanSquaredError();
        }
        if (!name.matches("top[1-9]\\d*|f1|auc|log-loss|perplexity|map|spearman|(recall|ndcg)@[1-9]\\d*")) {
            throw new UsageException("--metric " + name + " is none of cosine, mse, top1, top<k>, f1, auc, log-loss, "
                    + "perplexity, map, spearman, recall@<k>, ndcg@<k>");
        }
        String digits = name.replaceAll("^(f1|top|recall@|ndcg@|[a-z-]+)", "");
        if (digits.length() > MOST_BEST_DIGITS) {
            throw new UsageException("--metric " + name + ": the number has more than " + MOST_BEST_DIGITS + " digits");
        }
        if (labels == null) {
            throw new UsageException("--metric " + name + " needs --labels");
        }
        int k = digits.isEmpty() ? 1 : Integer.parseInt(digits);
        return switch (name.replaceAll("(?<=top|@)\\d+$", "")) {
            case "top" -> k == 1 ? Metric.accuracy(labels) : Metric.topK(labels, k);
            case "f1" -> Metric.macroF1(labels);
            case "auc" -> Metric.auc(labels);
            case "log-loss" -> Metric.logLoss(labels);
            case "perplexity" -> Metric.perplexity(labels);
            case "map" -> Metric.meanAveragePrecision(labels);
            case "recall@" -> Metric.recallAt(labels, k);
            case "ndcg@" -> Metric.ndcg(labels, k);
            default -> Metric.spearman(labels);
        };
    }
}
