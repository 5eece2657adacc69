package dev.tenon.text.stage;

import java.util.HashMap;
import java.util.Map;

/** Tokens and their ids. Immutable. */
public final class Vocabulary {
    private static final int SPARSE = 4;

    private final Map<String, Integer> ids;
    private final String[] tokens;
    private final Map<Integer, String> sparse;

    /**
     * A vocabulary. Of several tokens with the same id, any may be the token of the id.
     *
     * @param ids the id of each token, not negative; not copied, not changed any more
     */
    public Vocabulary(Map<String, Integer> ids) {
        this.ids = ids;
        int largest = -1;
        for (int id : ids.values()) {
            largest = Math.max(largest, id);
        }
        boolean dense = largest < (long) SPARSE * ids.size() + 1024;
        tokens = new String[dense ? largest + 1 : 0];
        sparse = dense ? Map.of() : HashMap.newHashMap(ids.size());
        for (Map.Entry<String, Integer> entry : ids.entrySet()) {
            if (dense) {
                tokens[entry.getValue()] = entry.getKey();
            } else {
                sparse.put(entry.getValue(), entry.getKey());
            }
        }
    }

    /**
     * The id of a token.
     *
     * @param token its text
     * @return the id, or {@link TokenModel#NONE}
     */
    public int id(String token) {
        Integer id = ids.get(token);
        return id == null ? TokenModel.NONE : id;
    }

    /**
     * The token of an id.
     *
     * @param id any number
     * @return its text, or null if there is none
     */
    public String token(int id) {
        return id >= 0 && id < tokens.length ? tokens[id] : sparse.get(id);
    }

    /** {@return the id of each token, unmodifiable by agreement} */
    public Map<String, Integer> ids() {
        return ids;
    }
}
