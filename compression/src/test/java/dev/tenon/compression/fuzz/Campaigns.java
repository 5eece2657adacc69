package dev.tenon.compression.fuzz;

import dev.tenon.testkit.fuzz.Campaign;
import dev.tenon.testkit.fuzz.JsonMutation;
import dev.tenon.testkit.fuzz.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The campaigns of each kind of file, and how a file of each is judged.
 *
 * @param folder for files
 */
record Campaigns(Path folder) {
    /** A kind of file. The order is that of the runs. */
    enum Kind {
        RECIPES,
        SCORES,
        TIMES,
        SEARCHES,
        ARCHIVES;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Seeds and an oracle. */
    private record Subject(List<byte[]> seeds, Function<byte[], Outcome> oracle) {}

    private Subject subject(Kind kind) throws IOException {
        Oracles oracles = new Oracles(folder.resolve("judged"));
        Path state = Files.createDirectories(folder.resolve("seed-" + kind.text()));
        return switch (kind) {
            case RECIPES -> new Subject(Inputs.recipes(), Oracles::recipe);
            case SCORES -> {
                Inputs.resumed(state);
                Path file = Inputs.onlyFile(state);
                String name = file.getFileName().toString();
                yield new Subject(List.of(Files.readAllBytes(file)), bytes -> oracles.scores(name, bytes));
            }
            case TIMES -> {
                Path file = state.resolve("times.txt");
                Inputs.divided(file);
                String decision = Files.readAllLines(file).get(2).replaceFirst("\t.*", "");
                yield new Subject(List.of(Files.readAllBytes(file)), bytes -> oracles.times(decision, bytes));
            }
            case SEARCHES -> {
                Inputs.searched(state);
                Path file = Inputs.onlyFile(state);
                String name = file.getFileName().toString();
                yield new Subject(List.of(Files.readAllBytes(file)), bytes -> oracles.search(name, bytes));
            }
            case ARCHIVES -> {
                List<byte[]> seeds = Inputs.arrays().stream()
                        .flatMap(array -> Stream.of(true, false)
                                .map(isStored -> ArchiveMutation.archive("x.npy", array, isStored)))
                        .toList();
                yield new Subject(seeds, oracles::archive);
            }
        };
    }

    Campaign of(Kind kind, long seed) throws IOException {
        Subject subject = subject(kind);
        return new Campaign(
                kind.text(),
                subject.seeds(),
                switch (kind) {
                    case RECIPES -> new JsonMutation();
                    case SCORES, TIMES, SEARCHES -> new LinesMutation();
                    case ARCHIVES -> new ArchiveMutation();
                },
                subject.oracle(),
                seed);
    }

    Outcome judge(Kind kind, byte[] file) throws IOException {
        return subject(kind).oracle().apply(file);
    }
}
