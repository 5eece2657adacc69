package dev.tenon.text.model;

import dev.tenon.text.stage.TokenList;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;

/**
 * The model whose tokens are whole pieces. Immutable.
 *
 * @param vocabulary tokens and their ids
 * @param unknown the id of other pieces
 */
public record WordLevel(Vocabulary vocabulary, int unknown) implements TokenModel {
    @Override
    public void tokenize(int[] text, int from, int to, TokenList out) {
        int id = vocabulary.id(new String(text, from, to - from));
        out.add(id == NONE ? unknown : id, from, to);
    }
}
