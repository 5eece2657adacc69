package dev.tenon.text.file;

import dev.tenon.error.ResourceLimitException;
import java.util.List;
import java.util.Map;

/** Counts the stages of a sequence, which may have sequences in it. Each stage goes over the whole text of a call. */
final class Stages {
    /** The most stages of a kind. Real files have fewer than ten. */
    static final int MAX = 128;

    private Stages() {}

    /**
     * Checks the number of stages.
     *
     * @param stage a stage, perhaps a sequence
     * @param list the member of a sequence that has its stages
     * @return the stage
     * @throws ResourceLimitException if it has more than {@link #MAX} stages, sequences included
     */
    static JsonValue checked(JsonValue stage, String list) {
        long count = count(stage.value(), list);
        if (count > MAX) {
            throw new ResourceLimitException(
                    stage.thing(), count + " stages", "at most " + MAX, "use a tokenizer file with fewer stages");
        }
        return stage;
    }

    private static long count(Object stage, String list) {
        long count = 1;
        if (stage instanceof Map<?, ?> members && members.get(list) instanceof List<?> parts) {
            for (Object part : parts) {
                count += count(part, list);
            }
        }
        return count;
    }
}
