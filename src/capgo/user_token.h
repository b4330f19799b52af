#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

/// The tokens of signed-in users. All functions: from any thread.
namespace capgo {

/// The secret that signs the tokens of every local Supabase stack.
inline constexpr std::string_view kLocalSupabaseSecret =
    "super-secret-jwt-token-with-at-least-32-characters-long";

/// Makes a JWT with the claims of Supabase's access tokens, signed with HS256. Times are in whole
/// seconds; fractions are dropped. Equal arguments give equal tokens.
std::string make_user_token(std::string_view user_id, std::string_view secret, base::Time issued_at,
                            base::Time expires_at);

}  // namespace capgo
