package dev.tenon.samples.compress;

import dev.tenon.compression.Metric;
import dev.tenon.compression.Score;
import dev.tenon.compression.compare.Comparison;
import dev.tenon.compression.compare.ComparisonReport;
import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.npy.Npy;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Judges two models on the same data: how much worse is the second, and may that be chance? */
public final class JudgeCommand implements Command {
    private static final int FLOOR_MISSED = 3;
    private static final int MOST_BEST_DIGITS = 6;
    private static final double POINTS = 100;

    private static final Set<String> NAMES = Set.of(
            "--labels",
            "--metric",
            "--output",
            "--scale",
            "--mean",
            "--std",
            "--layout",
            "--floor",
            "--confidence",
            "--seed",
            "--json",
            "--archive-megabytes",
            "--archive-ratio");

    @Override
    public String usage() {
        return "A B DATA [--labels FILE.npy] [--metric NAME,..] [--output NAME] [--floor POINTS] [--confidence SHARE] "
                + "[--seed N] [--scale X] [--mean M,..] [--std S,..] [--layout nchw|nhwc] [--archive-megabytes N] "
                + "[--archive-ratio N] [--json FILE]";
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> names = DataOptions.parse(args, NAMES, values);
        if (names.size() != 3) {
            throw new UsageException("name two models and data, not " + names);
        }
        DataOptions options = new DataOptions(values);
        options.checkData();
        Metric[] metrics = metrics(options);
        Comparison comparison = Comparison.of(Arguments.model(names.get(0)), Arguments.model(names.get(1)))
                .on(options.samples(Path.of(names.get(2))))
                .metrics(metrics)
                .seed(options.seed());
        if (options.confidence().isPresent()) {
            comparison = comparison.confidence(options.confidence().getAsDouble());
        }
        if (values.containsKey("--floor")) {
            comparison = comparison.floor(options.floor() / POINTS);
        }
        ComparisonReport report = comparison.run(new PrintedProgress(out));
        if (options.path("--json").isPresent()) {
            byte[] json = (report.toJson() + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(options.path("--json").get(), channel -> {
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
        String names = options.values.getOrDefault("--metric", options.labels().isPresent() ? "top1" : "cosine");
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
