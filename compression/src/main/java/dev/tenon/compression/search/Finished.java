package dev.tenon.compression.search;

import dev.tenon.compression.Score;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The outcome of a trial, as checkpoints hold it.
 *
 * @param sizeBytes the bytes of the model
 * @param score how well it does; absent if the trial failed
 * @param changed the names of the layers that were changed
 * @param failure why the trial failed, otherwise empty
 */
record Finished(long sizeBytes, Optional<Score> score, List<String> changed, String failure) {
    private static final String TAB = "\t";
    private static final int FIELDS = 4;

    /** The outcome as a line: fields between tabs. Numbers are exact. */
    String line() {
        List<String> fields = new ArrayList<>();
        fields.add(Long.toString(sizeBytes));
        fields.add(score.map(Score::line).map(OptionPlan::encoded).orElse(""));
        fields.add(changed.stream().map(OptionPlan::encoded).collect(Collectors.joining(",")));
        fields.add(OptionPlan.encoded(failure));
        return String.join(TAB, fields);
    }

    /**
     * The outcome of a line.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    static Finished of(String line) {
        String[] f = line.split(TAB, -1);
        if (f.length != FIELDS) {
            throw new IllegalArgumentException(f.length + " fields instead of " + FIELDS);
        }
        String failure = decoded(f[3]);
        Optional<Score> score = failure.isEmpty() ? Optional.of(Score.parse(decoded(f[1]))) : Optional.empty();
        List<String> changed = new ArrayList<>();
        for (String name : f[2].isEmpty() ? new String[0] : f[2].split(",", -1)) {
            changed.add(decoded(name));
        }
        return new Finished(Long.parseLong(f[0]), score, changed, failure);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
