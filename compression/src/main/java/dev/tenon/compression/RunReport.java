package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.compression.metric.Changes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes the report of a run of a {@link Compressor}. */
record RunReport(Compressor.Source source, List<Step> steps, long seed, CompressionReport.Options options) {
    /** Collects hashes, the test's result, changes by class and findings of the attempt that was kept. */
    CompressionReport.Evidence evidence(
            StepRunner.Work work,
            StepRunner.Attempt attempt,
            Optional<CompressionReport.Tested> tested,
            Optional<Changes> changes) {
        Fingerprint recipe = new Fingerprint();
        steps.forEach(step -> recipe.add(step.name()));
        return new CompressionReport.Evidence(
                new CompressionReport.Hashes(
                        source.hash() == null ? ModelSize.Saved.of(work.model()).hash() : source.hash(),
                        ModelSize.Saved.of(attempt.model()).hash(),
                        recipe.hex(),
                        Optional.ofNullable(work.samples())
                                .map(calls -> new Fingerprint().add(calls).hex()),
                        work.judge().map(judge -> new Fingerprint().add(judge).hex())),
                tested,
                changes,
                attempt.findings().activations(),
                attempt.findings().channels(),
                attempt.findings().trainings(),
                CompressionReport.GraphNode.of(work.model().graph()));
    }

    /** The report of an attempt that was kept. */
    CompressionReport of(
            StepRunner.Attempt attempt,
            CompressionReport.Evidence evidence,
            Optional<CompressionReport.Change> flops,
            Optional<CompressionReport.Latency> latency) {
        Model model = source.model();
        Model result = attempt.model();
        return new CompressionReport(
                source.name(),
                steps.stream().map(Step::name).collect(Collectors.joining("+")),
                new CompressionReport.Change(
                        source.bytes() < 0 ? ModelSize.bytes(model) : source.bytes(), ModelSize.bytes(result)),
                new CompressionReport.Change(ModelSize.parameters(model.graph()), ModelSize.parameters(result.graph())),
                flops,
                attempt.score(),
                latency,
                attempt.findings().layers(),
                !attempt.misses(options.allowedLoss())
                        && evidence.test()
                                .map(t -> t.score().isWithin(options.allowedLoss()))
                                .orElse(true),
                seed,
                new CompressionReport.Details(
                        attempt.stages().size() > 1 ? attempt.stages() : List.of(),
                        StoredTensor.of(model.graph()),
                        StoredTensor.of(result.graph()),
                        List.of(),
                        List.of(),
                        evidence,
                        options,
                        Machine.current()));
    }
}
