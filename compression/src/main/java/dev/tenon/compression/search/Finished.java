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
    private static final int FIELDS = 11;

    /** The outcome as a line: fields between tabs. Numbers are exact. */
    String line() {
        List<String> fields = new ArrayList<>();
        fields.add(Long.toString(sizeBytes));
        Score s = score.orElse(new Score("", 0, 0, 0, 0, 0, 0, 0));
        fields.add(OptionPlan.encoded(s.metric()));
        fields.add(Double.toString(s.before()));
        fields.add(Double.toString(s.after()));
        fields.add(Long.toString(s.samples()));
        fields.add(Long.toString(s.disagreements()));
        fields.add(Double.toString(s.divergence()));
        fields.add(Double.toString(s.margin()));
        fields.add(Double.toString(s.sqnr()));
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
        String failure = decoded(f[10]);
        Score score = new Score(
                decoded(f[1]),
                Double.parseDouble(f[2]),
                Double.parseDouble(f[3]),
                Long.parseLong(f[4]),
                Long.parseLong(f[5]),
                Double.parseDouble(f[6]),
                Double.parseDouble(f[7]),
                Double.parseDouble(f[8]));
        List<String> changed = new ArrayList<>();
        for (String name : f[9].isEmpty() ? new String[0] : f[9].split(",", -1)) {
            changed.add(decoded(name));
        }
        return new Finished(
                Long.parseLong(f[0]), failure.isEmpty() ? Optional.of(score) : Optional.empty(), changed, failure);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
